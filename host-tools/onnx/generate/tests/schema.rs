//! The generated file is what the generator writes.

use std::fs;

use smidge_onnx_generate::{generate, package};

#[test]
fn the_generated_file_is_up_to_date() {
    let checked_in = fs::read_to_string(package().join("src/schema.rs")).expect("the file");
    let generated = generate().expect("the schema compiles");
    assert!(generated == checked_in, "run `cargo run -p smidge-onnx-generate`");
}
