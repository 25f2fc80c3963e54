//! What the user adds to an ONNX file.

use std::collections::BTreeMap;

use crate::import::Problem;
use crate::npy::Array;

/// Shapes that the file leaves open, and inputs that become constants.
#[derive(Clone, Debug, Default)]
pub struct OnnxOptions {
    /// The shape of an input, by its name.
    pub shapes: BTreeMap<String, Vec<usize>>,
    /// The value of an input that becomes a constant, by its name.
    pub bind: BTreeMap<String, Array>,
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
