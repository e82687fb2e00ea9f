//! The `xinzhi` program.
fn main() {}
