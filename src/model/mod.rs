//! The words that all rooms share: sides and versions, fields, rules, derivations, sections of specifications.
//!
//! | file | what |
//! |---|---|
//! | `protocol` | the versions, and the two ends that speak them |
//! | `dialect` | in what the versions differ, one table each |
//! | `field` | the field tree: named ranges of bits |
//! | `facts` | what is to be said, without the words |
//! | `rule` | the rules, and findings of them |
//! | `citation` | where the drafts of hixie say a rule |
//! | `derive` | how a value that is not on the wire follows from bytes that are |
//! | `spec` | documents and their sections |
//! | `tells` | what has a sentence of its own: errors |

mod citation;
pub mod derive;
pub mod dialect;
pub mod facts;
pub mod field;
pub mod protocol;
pub mod rule;
pub mod spec;
pub mod tells;
