//! Writes the reader of TFLite files from its FlatBuffers schema.
//!
//! [planus](https://docs.rs/planus) does the work. It writes owned types, builders and
//! serialization besides the readers: nine tenths of its output and nearly all of its `unsafe`,
//! none of which smidge needs. [`reader`] keeps
//!
//! - the `…Ref` views of tables and unions, with their getters;
//! - plain enums, with their conversion from an integer;
//! - the implementations that make those readable from a buffer.
#![forbid(unsafe_code)]

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use quote::ToTokens;
use syn::{Attribute, File, Item, ItemImpl, Type, parse_quote};

const HEADER: &str = "\
// Written by `cargo run -p smidge-tflite-generate` from schema/tflite.fbs. Do not edit.

";

/// The folder of the package that is written to.
pub fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The planus command: the environment variable `PLANUS`, or what the path has.
pub fn planus() -> OsString {
    env::var_os("PLANUS").unwrap_or_else(|| "planus".into())
}

/// The content of `schema.rs`, from `schema/tflite.fbs`.
///
/// # Errors
///
/// When planus or rustfmt cannot be run or do not like what they are given.
pub fn generate(planus: &OsStr) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("schema.rs");
    let mut command = Command::new(planus);
    command.current_dir(package()).args(["rust", "--format", "false"]);
    command.args(["-o".as_ref(), output.as_os_str(), "schema/tflite.fbs".as_ref()]);
    ensure!(command.status()?.success(), "{command:?} failed");
    format(&(HEADER.to_owned() + &reader(&fs::read_to_string(&output)?)?))
}

fn format(source: &str) -> Result<String> {
    let mut command = Command::new("rustfmt");
    command.current_dir(package()).args(["--edition", "2024"]);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    process.stdin.take().context("rustfmt reads")?.write_all(source.as_bytes())?;
    let output = process.wait_with_output()?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// Reduces Rust source written by planus to what reading needs, without comments and formatting.
///
/// # Errors
///
/// When `source` is not Rust.
pub fn reader(source: &str) -> syn::Result<String> {
    let mut file: File = syn::parse_file(source)?;
    let in_vectors = tables_in_vectors(&file.to_token_stream().to_string());
    reduce(&mut file.items, &in_vectors);
    Ok(file.into_token_stream().to_string())
}

/// Names of the views that some getter returns a vector of.
fn tables_in_vectors(tokens: &str) -> HashSet<String> {
    let marker = "Vector < 'a , :: planus :: Result < self :: ";
    tokens
        .split(marker)
        .skip(1)
        .filter_map(|rest| rest.split_whitespace().next().map(str::to_owned))
        .collect()
}

fn reduce(items: &mut Vec<Item>, in_vectors: &HashSet<String>) {
    items.retain_mut(|item| match item {
        Item::Mod(module) => {
            strip_docs(&mut module.attrs);
            if let Some((_, items)) = &mut module.content {
                reduce(items, in_vectors);
            }
            true
        }
        Item::Struct(item) => {
            item.attrs = vec![parse_quote!(#[derive(Clone, Copy)])];
            is_view(&item.ident.to_string())
        }
        Item::Enum(item) if is_view(&item.ident.to_string()) => {
            item.attrs = vec![parse_quote!(#[derive(Clone, Copy)])];
            true
        }
        Item::Enum(item) => {
            item.attrs.retain(|attribute| attribute.path().is_ident("repr"));
            item.attrs.push(parse_quote!(#[derive(Clone, Copy, Debug, PartialEq, Eq)]));
            item.variants.iter_mut().for_each(|variant| strip_docs(&mut variant.attrs));
            item.variants.iter().all(|variant| variant.fields.is_empty())
        }
        Item::Impl(item) => {
            strip_docs(&mut item.attrs);
            strip_member_docs(item);
            is_for_reading(item, in_vectors)
        }
        _ => true,
    });
}

fn is_for_reading(item: &ItemImpl, in_vectors: &HashSet<String>) -> bool {
    let target = type_name(&item.self_ty);
    let Some((interface, _)) = &item.trait_ else {
        return is_view(&target);
    };
    let Some(interface) = interface.segments.last() else { return false };
    match interface.ident.to_string().as_str() {
        "TableRead" | "TableReadUnion" => true,
        "VectorReadInner" => in_vectors.contains(&target),
        "ReadAsRoot" => target == "ModelRef",
        "TryFrom" => {
            let source = interface.arguments.to_token_stream().to_string();
            matches!(source.as_str(), "< i8 >" | "< u8 >" | "< i32 >")
        }
        _ => false,
    }
}

/// planus names the views of tables and unions so.
fn is_view(name: &str) -> bool {
    name.ends_with("Ref")
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
    .unwrap_or_default()
}

/// The generated comments only repeat names, and link to what is gone.
fn strip_docs(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| !attribute.path().is_ident("doc"));
}

fn strip_member_docs(item: &mut ItemImpl) {
    for member in &mut item.items {
        if let syn::ImplItem::Fn(function) = member {
            strip_docs(&mut function.attrs);
        }
    }
}
