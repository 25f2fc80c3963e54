//! Arguments about ONNX files, which several commands have.

use super::Failure;
use smidge_tools::import::{Bound, OnnxOptions};
use smidge_tools::npy;
use std::path::Path;

#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// The shape of an input that an ONNX file leaves open, such as x=1x3x96x96.
    #[arg(long, value_name = "NAME=1x3x96x96")]
    input_shape: Vec<String>,
    /// A NumPy file with the value of an ONNX input that becomes a constant: shapes, axes, paddings.
    #[arg(long, value_name = "NAME=FILE.npy")]
    bind: Vec<String>,
}

impl Args {
    pub fn options(&self) -> Result<OnnxOptions, Failure> {
        let mut options = OnnxOptions::default();
        for text in &self.input_shape {
            let dims = |dims: &str| {
                dims.split(['x', ','])
                    .map(|dim| dim.parse::<usize>().ok())
                    .collect::<Option<Vec<_>>>()
            };
            let parts = text.rsplit_once('=');
            let given = parts.and_then(|(name, shape)| Some((name, dims(shape)?)));
            let Some((name, shape)) = given else {
                return Err(Failure::Input(format!(
                    "E0641: --input-shape {text} is no shape\n  help: give it as NAME=1x3x96x96"
                )));
            };
            options.shapes.insert(name.to_owned(), shape);
        }
        for text in &self.bind {
            let Some((name, file)) = text.split_once('=') else {
                return Err(Failure::Input(format!(
                    "E0642: --bind {text} names no file\n  help: give it as NAME=FILE.npy"
                )));
            };
            let npy::Array { dtype, shape, data } =
                npy::read(Path::new(file)).map_err(Failure::input)?;
            options.bind.insert(name.to_owned(), Bound { dtype, shape, data });
        }
        Ok(options)
    }
}
