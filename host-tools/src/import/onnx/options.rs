//! What the user adds to an ONNX file.

use std::collections::BTreeMap;

use smidge_graph::DType;

use crate::import::Problem;

/// An array that takes the place of an input.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Type of the elements.
    pub dtype: DType,
    /// Extent of each axis.
    pub shape: Vec<usize>,
    /// Elements, little endian, in C order.
    pub data: Vec<u8>,
}

/// Shapes that the file leaves open, and inputs that become constants.
#[derive(Clone, Debug, Default)]
pub struct OnnxOptions {
    /// The shape of an input, by its name.
    pub shapes: BTreeMap<String, Vec<usize>>,
    /// The value of an input that becomes a constant, by its name.
    pub bind: BTreeMap<String, Bound>,
}

impl OnnxOptions {
    /// Fails if the options name an input that the network does not have.
    pub(super) fn expect_inputs<'n>(
        &self,
        inputs: impl Iterator<Item = &'n str>,
    ) -> Result<(), Problem> {
        let known: Vec<_> = inputs.collect();
        let mut given = self.shapes.keys().chain(self.bind.keys());
        match given.find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
                let reason = format!("does not exist; the inputs are {}", known.join(", "));
                Err(Problem::Onnx { place: format!("input `{name}`"), reason })
            }
            None => Ok(()),
        }
    }
}
