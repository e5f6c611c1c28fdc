//! The `framescope` command.
fn main() {}
