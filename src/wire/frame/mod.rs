//! Frames: the hybi family's and the hixie family's.

pub mod coding;
mod derive;
mod fields;
pub mod first;
pub mod hixie;
pub mod hybi;
