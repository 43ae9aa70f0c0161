//! perennial
fn main() {}
