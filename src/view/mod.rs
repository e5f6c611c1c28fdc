//! What the window and the text output show alike: the view model between the field tree and whatever draws it.
//!
//! | file | what |
//! |---|---|
//! | `catalogue` | every id of a field or a rule |
//! | `line` | an item in one line |
//! | `layers` | what carries a conversation; records and preludes in one line |
//! | `diagram` | an item's bits in rows of 32 |
//! | `outcome` | what became of a conversation, in a word |
//! | `clock` | how times are shown |
//! | `fold` | how much of what is long is shown |
//! | `palette` | colours, the same in every view |
//! | `fit` | text that fits: widths, cuts, wraps, bytes made visible |
//! | `fonts` | the bundled fonts |

pub mod catalogue;
pub mod clock;
pub mod diagram;
pub(crate) mod fit;
pub mod fold;
#[cfg(feature = "pictures")]
pub mod fonts;
pub mod layers;
pub mod line;
pub mod outcome;
pub mod palette;
