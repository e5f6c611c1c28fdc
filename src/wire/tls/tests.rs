//! Tests over real records and over arbitrary ones.
