//! The source of a model's module: constants, types, and a struct whose methods are a few calls.
//! What it does is in the runtime; here is only what differs between models.

use crate::peak::{first_name, operator};
use crate::template::{INPUT, NETWORK, OUTPUT};
use smidge::Model;
use smidge_format::{Blob, DType, FLAG_UNSIGNED_SOURCE, Flow, NameKind, Tensor};
use std::fmt::Write;
use std::path::Path;

/// The module's source. `named` is the model with names, `shipped` what goes to the device.
pub(crate) fn source(name: &str, path: &Path, named: &Model<'_>, shipped: &Blob<'_>) -> String {
    let inputs = ports(named, "input", named.input_count(), |i| named.input_id(i));
    let outputs = ports(named, "output", named.output_count(), |i| named.output_id(i));
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = header(&mut out, name, path, named, shipped);
    for port in inputs.iter().chain(&outputs) {
        let _ = port.write(&mut out);
    }
    let _ = labels(&mut out, named.blob());
    out.push_str(&network(name, &inputs, &outputs));
    out.push_str("}\n");
    out
}

fn header(
    out: &mut String,
    name: &str,
    path: &Path,
    named: &Model<'_>,
    shipped: &Blob<'_>,
) -> std::fmt::Result {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let (isa, len, arena) = (shipped.isa().name(), shipped.bytes().len(), named.arena_len());
    writeln!(out, "/// The network of `{file}`, for {isa}: written by smidge-build.")?;
    writeln!(out, "///")?;
    steps(out, named.blob())?;
    writeln!(out, "#[allow(dead_code, clippy::all, clippy::pedantic)]")?;
    writeln!(out, "pub mod {name} {{")?;
    writeln!(out, "/// Bytes of memory that the network works in.")?;
    writeln!(out, "pub const ARENA_LEN: usize = {arena};")?;
    writeln!(out, "/// Bytes of flash that the model takes: weights, program and plan.")?;
    writeln!(out, "pub const BLOB_LEN: usize = {len};")?;
    writeln!(out, "/// Memory that the network works in, usually a `static`.")?;
    writeln!(out, "pub type Arena = ::smidge::Arena<ARENA_LEN>;")?;
    writeln!(out, "/// The model with its operators, checked when this was built.")?;
    writeln!(out, "pub static MODEL: ::smidge::Model<'static> = ::smidge::embed!(")?;
    writeln!(out, "concat!(env!(\"OUT_DIR\"), \"/{name}.smg\"),")?;
    writeln!(out, "{});", named.ops())?;
    if has_blocks(named.blob()) {
        writeln!(
            out,
            "const _: () = assert!(::smidge::CONTROL_FLOW, \"{name} has conditional or repeated \
             blocks: enable the feature `control-flow` of smidge\");"
        )?;
    }
    Ok(())
}

/// The program as a table in the module's documentation.
fn steps(out: &mut String, blob: &Blob<'_>) -> std::fmt::Result {
    writeln!(out, "/// | step | operator | output | layer |")?;
    writeln!(out, "/// |---|---|---|---|")?;
    for index in 0..blob.step_count() as u16 {
        let Some(step) = blob.step(index) else { continue };
        let output = blob.step_outputs(&step).next().and_then(|id| blob.tensor(id));
        let output = output.map(|tensor| format!("{:?}", tensor.shape)).unwrap_or_default();
        let (operator, name) =
            (operator(step.code, step.variant), blob.name(NameKind::Step, index));
        let name = line(first_name(name.unwrap_or_default()));
        writeln!(out, "/// | {index} | {operator} | `{output}` | `{name}` |")?;
    }
    Ok(())
}

/// A name of the source as part of a line of documentation.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '`' | '|') { ' ' } else { c }).collect()
}

fn has_blocks(blob: &Blob<'_>) -> bool {
    let mut steps = (0..blob.step_count() as u16).filter_map(|index| blob.step(index));
    steps.any(|step| step.flow != Flow::Operator)
}

/// An input or output of the network.
struct Port {
    /// `input` or `output`, with a number where there are several.
    module: String,
    /// The same as the name of a type.
    ty: String,
    /// Its number among those of its kind.
    index: usize,
    /// Its name in the source model.
    name: String,
    tensor: Tensor,
    /// The type of an element, and their count; bytes where Rust has no such type.
    element: &'static str,
    count: usize,
    /// Scale and zero point.
    real: Option<(f32, i32)>,
}

fn ports(
    model: &Model<'_>,
    kind: &str,
    count: usize,
    id: impl Fn(usize) -> Option<u16>,
) -> Vec<Port> {
    let port = |index: usize| {
        let id = id(index)?;
        let tensor = model.blob().tensor(id)?;
        let number = if count == 1 { String::new() } else { index.to_string() };
        let module = format!("{kind}{number}");
        let quantization = model.quantization(&tensor).filter(|q| q.axis.is_none());
        let (element, count) = match tensor.dtype {
            DType::I8 => ("i8", tensor.shape.elements()),
            DType::U8 => ("u8", tensor.shape.elements()),
            DType::I16 => ("i16", tensor.shape.elements()),
            DType::I32 => ("i32", tensor.shape.elements()),
            DType::I64 => ("i64", tensor.shape.elements()),
            DType::F32 => ("f32", tensor.shape.elements()),
            DType::F16 | DType::F64 | DType::Bool | DType::I4 => ("u8", tensor.len as usize),
        };
        Some(Port {
            ty: camel(&module),
            module,
            index,
            name: model.blob().name(NameKind::Tensor, id).unwrap_or_default().to_owned(),
            tensor,
            element,
            count,
            real: quantization.map(|q| (q.scale, q.zero_point)),
        })
    };
    (0..count).filter_map(port).collect()
}

/// `person_detect` as the name of a type: `PersonDetect`.
fn camel(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|c| c.to_ascii_uppercase())
            .into_iter()
            .chain(letters)
            .collect::<String>()
    };
    name.split('_').map(word).collect()
}

impl Port {
    /// Whether the runtime has this element type; otherwise there are bytes.
    fn is_scalar(&self) -> bool {
        !matches!(self.tensor.dtype, DType::F16 | DType::F64 | DType::Bool | DType::I4)
    }

    /// Type and module with what is known of it.
    fn write(&self, out: &mut String) -> std::fmt::Result {
        let Self { module, ty, name, tensor, element, count, .. } = self;
        let dtype = tensor.dtype.name();
        writeln!(out, "/// The elements of {module}, in the order of [`{module}::SHAPE`].")?;
        if !self.is_scalar() {
            writeln!(out, "/// They are {dtype}, here as bytes.")?;
        }
        if tensor.flags & FLAG_UNSIGNED_SOURCE != 0 {
            writeln!(out, "/// The source model has bytes without sign: these are 128 less.")?;
        }
        writeln!(out, "pub type {ty} = [{element}; {count}];")?;
        writeln!(out, "/// What is known of [`{ty}`].")?;
        writeln!(out, "pub mod {module} {{")?;
        let rank = tensor.shape.rank();
        writeln!(out, "/// Name in the source model.")?;
        writeln!(out, "pub const NAME: &str = {name:?};")?;
        writeln!(out, "/// Dimensions, outermost first.")?;
        writeln!(out, "pub const SHAPE: [usize; {rank}] = {:?};", tensor.shape)?;
        if let Some((scale, zero_point)) = self.real {
            writeln!(out, "/// `real = SCALE * (q - ZERO_POINT)`.")?;
            writeln!(out, "pub const SCALE: f32 = {scale:?};")?;
            writeln!(out, "/// The integer that stands for zero.")?;
            writeln!(out, "pub const ZERO_POINT: i32 = {zero_point};")?;
            if matches!(tensor.dtype, DType::I8 | DType::I16) {
                self.write_conversions(out)?;
            }
        }
        writeln!(out, "}}")
    }

    fn write_conversions(&self, out: &mut String) -> std::fmt::Result {
        let element = self.element;
        writeln!(out, "/// The integer nearest to a real number; the limits beyond them.")?;
        writeln!(out, "pub const fn quantize(real: f32) -> {element} {{")?;
        writeln!(out, "::smidge::real::to_{element}(real, SCALE, ZERO_POINT)\n}}")?;
        writeln!(out, "/// The real number that an integer stands for.")?;
        writeln!(out, "pub const fn dequantize(q: {element}) -> f32 {{")?;
        writeln!(out, "::smidge::real::from(q as i32, SCALE, ZERO_POINT)\n}}")
    }

    /// The method that gives its elements: [`INPUT`] or [`OUTPUT`].
    fn access(&self, template: &str) -> String {
        let index = self.index.to_string();
        let (input, output) = match self.is_scalar() {
            true => {
                let element = self.element;
                (
                    format!("input_mut::<{element}>({index})"),
                    format!("output::<{element}>({index})"),
                )
            }
            false => {
                let or =
                    format!("({index}).ok_or(::smidge::InvokeError::NoSuch {{ index: {index} }})");
                (format!("input_bytes_mut{or}"), format!("output_bytes{or}"))
            }
        };
        template
            .replace("$name", &self.module)
            .replace("$Type", &self.ty)
            .replace("$input", &input)
            .replace("$output", &output)
            .replace("$index", &index)
    }
}

fn labels(out: &mut String, blob: &Blob<'_>) -> std::fmt::Result {
    let Some(text) = blob.metadata_value("labels") else { return Ok(()) };
    let labels: Vec<_> = text.lines().collect();
    writeln!(out, "/// Names of the classes.")?;
    writeln!(out, "pub const LABELS: [&str; {}] = {labels:?};", labels.len())
}

/// The struct that runs the network; see [`NETWORK`].
fn network(name: &str, inputs: &[Port], outputs: &[Port]) -> String {
    let list = |ports: &[Port], text: &dyn Fn(&Port) -> String| {
        ports.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    let types = list(outputs, &|p| p.ty.clone());
    let reads = list(outputs, &|p| format!("*self.{}()?", p.module));
    let one = outputs.len() == 1;
    let tuple = |list: String| if one { list } else { format!("({list})") };
    let writes = inputs.iter().map(|p| format!("*self.{0}()? = *{0};\n", p.module));
    let access =
        inputs.iter().map(|p| p.access(INPUT)).chain(outputs.iter().map(|p| p.access(OUTPUT)));
    NETWORK
        .replace("$Network", &camel(name))
        .replace("$taken", &list(inputs, &|p| format!("{}: &{}", p.module, p.ty)))
        .replace("$given", &list(inputs, &|p| p.module.clone()))
        .replace("$writes", &writes.collect::<String>())
        .replace("$Outputs", &tuple(types))
        .replace("$reads", &tuple(reads))
        .replace("$access", &access.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types() {
        assert_eq!(camel("kws"), "Kws");
        assert_eq!(camel("person_detect_96"), "PersonDetect96");
    }
}
