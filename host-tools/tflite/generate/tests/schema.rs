//! The generated file is what the generator writes, and only that part that reads.

use std::fs;
use std::process::{Command, Stdio};

use smidge_tflite_generate::{generate, package, planus, reader};

fn checked_in() -> String {
    fs::read_to_string(package().join("src/schema.rs")).expect("the generated file")
}

#[test]
fn the_generated_file_is_up_to_date() {
    let planus = planus();
    if Command::new(&planus).arg("--help").stdout(Stdio::null()).status().is_err() {
        println!("skipped: planus is not installed, see PLANUS");
        return;
    }
    let generated = generate(&planus).expect("planus and rustfmt work");
    assert!(generated == checked_in(), "run `cargo run -p smidge-tflite-generate`");
}

#[test]
fn nothing_in_the_generated_file_is_done_unsafely() {
    let source = checked_in();
    for forbidden in ["unsafe {", "unsafe impl", "serde", "Builder"] {
        assert!(!source.contains(forbidden), "{forbidden}");
    }
    assert!(source.contains("pub struct ModelRef"));
}

#[test]
fn writers_and_owned_types_are_dropped() {
    let source = "
        /// An owned table.
        #[derive(::serde::Serialize)]
        pub struct Table { pub size: i32 }
        impl Table { pub fn builder() {} }
        pub enum Union { One(Table) }
        pub struct TableRef<'a>(&'a [u8]);
        impl<'a> TableRef<'a> {
            /// Getter.
            pub fn size(&self) -> i32 { 0 }
        }
        unsafe impl ::planus::VectorWrite<Table> for Table {}
        impl<'a> ::planus::TableRead<'a> for TableRef<'a> {}
        #[repr(i8)]
        #[derive(::serde::Serialize)]
        pub enum Kind { A = 0 }
        impl ::planus::WriteAs<Kind> for Kind {}
        impl ::core::convert::TryFrom<i8> for Kind {}
    ";
    let expected = "
        #[derive(Clone, Copy)]
        pub struct TableRef<'a>(&'a [u8]);
        impl<'a> TableRef<'a> {
            pub fn size(&self) -> i32 { 0 }
        }
        impl<'a> ::planus::TableRead<'a> for TableRef<'a> {}
        #[repr(i8)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { A = 0 }
        impl ::core::convert::TryFrom<i8> for Kind {}
    ";
    let squeeze = |source: &str| source.split_whitespace().collect::<String>();
    assert_eq!(squeeze(&reader(source).expect("Rust")), squeeze(expected));
}
