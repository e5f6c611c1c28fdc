//! Frames: the hybi family's and the hixie family's.

pub mod hixie;
pub mod hybi;
