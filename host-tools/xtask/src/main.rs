//! Set-up, demo and tests of the smidge repository.
fn main() {}
