//! What follows from a trace that the dissector has read: questions asked of its items, not of its bytes.
//!
//! | file | what |
//! |---|---|
//! | `api` | the states and events of the client's WebSocket object |
//! | `statistics` | counts and sizes |
//! | `pointer` | JSON pointers, for values that do not count in a comparison |
//! | `filter` | the language in which items are chosen |
//! | `overview` | a conversation in one row of a list |
//! | `compare` | what a server answers now beside what it answered then |

pub mod api;
pub mod compare;
pub mod filter;
pub mod overview;
pub mod pointer;
pub mod statistics;
