//! What the window and the text output show alike: the view model between the field tree and whatever draws it.
//!
//! | file | what |
//! |---|---|
//! | `catalogue` | every id of a field or a rule |
//! | `line` | an item in one line |
//! | `layers` | what carries a conversation; records and preludes in one line |
//! | `diagram` | an item's bits in rows of 32 |
//! | `outcome` | what became of a conversation, in a word |
//! | `palette` | colours, the same in every view |
//! | `fit` | text that fits: widths, cuts, wraps, bytes made visible |
//! | `fonts` | the bundled fonts |

pub mod catalogue;
pub mod diagram;
pub(crate) mod fit;
#[cfg(feature = "pictures")]
pub mod fonts;
pub mod layers;
pub mod line;
pub mod outcome;
pub mod palette;
