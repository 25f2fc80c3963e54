//! Reads model files into the graph.
//!
//! An importer keeps what the file says: operators, operand order, shapes, quantization. It does
//! not judge whether smidge can run the network, so that `smidge check` can report everything at
//! once; operators that smidge does not know become [`Op::Unsupported`]. What it returns has
//! passed [`Graph::validate`], with the nodes in execution order.
//!
//! Any file may be given: a damaged or hostile one ends in an [`ImportError`], in time and memory
//! linear in its length.
//!
//! [`Op::Unsupported`]: smidge_graph::Op::Unsupported
//! [`Graph::validate`]: smidge_graph::Graph::validate

mod budget;
mod error;
mod onnx;
mod tflite;
mod warning;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use smidge_graph::Model;

use budget::Budget;
pub use error::{ImportError, Problem};
pub use onnx::{Bound, OnnxOptions};
pub use warning::Warning;

/// Longest file that is read, in bytes: what the offsets of a FlatBuffer can address.
pub const MAX_FILE_LEN: u64 = i32::MAX as u64;

/// A model and what was odd about its file.
#[derive(Clone, Debug)]
pub struct Import {
    /// The network.
    pub model: Model,
    /// What was repaired or ignored, in the order of the file.
    pub warnings: Vec<Warning>,
}

/// Reads a model file. The content decides about the format, not the name.
///
/// # Errors
///
/// When the file cannot be read, is of a format that smidge does not know, or is damaged.
pub fn import(path: &Path) -> Result<Import, ImportError> {
    import_with(path, &OnnxOptions::default())
}

/// As [`import`], with shapes and constants that an ONNX file leaves open.
///
/// # Errors
///
/// As [`import`], and when the options do not fit the file.
pub fn import_with(path: &Path, options: &OnnxOptions) -> Result<Import, ImportError> {
    let file = path.display().to_string();
    let read = || {
        let bytes = read_file(path).map_err(|source| Problem::Read { source })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        read_model(&file, &bytes, Some(folder.unwrap_or(Path::new("."))), options)
    };
    read().map_err(|problem| ImportError { file: file.clone(), problem })
}

/// As [`import`], of a file that is already in memory. `file` names it in messages and, by its
/// extension, helps to name formats that cannot be read.
///
/// # Errors
///
/// As [`import`].
pub fn import_bytes(file: &str, bytes: &[u8]) -> Result<Import, ImportError> {
    let options = OnnxOptions::default();
    read_model(file, bytes, None, &options)
        .map_err(|problem| ImportError { file: file.to_owned(), problem })
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too long from one that just fits.
    File::open(path)?.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_model(
    file: &str,
    bytes: &[u8],
    folder: Option<&Path>,
    options: &OnnxOptions,
) -> Result<Import, Problem> {
    if bytes.len() as u64 > MAX_FILE_LEN {
        return Err(Problem::TooLong { max: MAX_FILE_LEN });
    }
    match Format::of(file, bytes) {
        Some(Format::Tflite) => tflite::read(bytes),
        Some(Format::Onnx) => onnx::read(bytes, folder, options),
        Some(format) => Err(Problem::FormatNotReadable { format: format.name() }),
        None => Err(Problem::UnknownFormat),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Tflite,
    Onnx,
    Safetensors,
    Keras,
    PyTorch,
}

impl Format {
    /// TFLite by its identifier; the others, which nothing reads yet, by the extension.
    fn of(file: &str, bytes: &[u8]) -> Option<Self> {
        if bytes.get(4..8) == Some(smidge_tflite::IDENTIFIER) {
            return Some(Self::Tflite);
        }
        let extension = Path::new(file).extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "onnx" => Some(Self::Onnx),
            "safetensors" => Some(Self::Safetensors),
            "h5" | "keras" => Some(Self::Keras),
            "pt" | "pth" | "pt2" => Some(Self::PyTorch),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Tflite => "TFLite",
            Self::Onnx => "ONNX",
            Self::Safetensors => "safetensors",
            Self::Keras => "Keras",
            Self::PyTorch => "PyTorch",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(file: &str, bytes: &[u8]) -> &'static str {
        import_bytes(file, bytes).expect_err("not a model").code()
    }

    #[test]
    fn content_wins_over_the_name() {
        assert_eq!(Format::of("a.onnx", b"\x1c\0\0\0TFL3"), Some(Format::Tflite));
        assert_eq!(Format::of("a.tflite", b"nothing"), None);
    }

    #[test]
    fn other_formats_are_named() {
        assert_eq!(code("a.onnx", b"\x08\x07"), "E0107");
        assert_eq!(code("a.onnx", b"\xff"), "E0116");
        assert_eq!(code("b.SAFETENSORS", b""), "E0104");
        assert_eq!(code("c.tflite", b""), "E0103");
        assert_eq!(code("c", b"TFL3"), "E0103");
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let error = import(Path::new("no/such/file.tflite")).expect_err("does not exist");
        assert_eq!(error.code(), "E0101");
        assert!(error.to_string().contains("no/such/file.tflite"), "{error}");
    }
}
