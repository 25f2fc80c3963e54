//! The executable definition of a legal graph.

use crate::op::Arity;
use crate::{Graph, GraphError, Node, Quantization, Tensor, TensorId};

/// Most axes a tensor may have.
pub const MAX_RANK: usize = 8;

/// Most elements a tensor may have: what a signed 32-bit index can count.
pub const MAX_ELEMENTS: usize = i32::MAX as usize;

impl Graph {
    /// Checks every rule that the rest of smidge relies on:
    ///
    /// - ids are in range, and nodes have as many operands and results as their operator wants;
    /// - a tensor is produced at most once, and never if it is a constant or an input;
    /// - whatever is read has a value (unsupported operators may read what they like);
    /// - there is an execution order;
    /// - shapes have at most [`MAX_RANK`] axes and [`MAX_ELEMENTS`] elements; what is computed has
    ///   no empty axis (unsupported operators may leave open what they compute); the data of a
    ///   constant fills its shape exactly;
    /// - there are as many zero points as scales, one, or one per index of an existing axis;
    ///   scales are finite and above 0, and the tensor's type can hold its zero points.
    ///
    /// Time and memory are linear (but for sorting) in the size of the graph.
    ///
    /// # Errors
    ///
    /// The first broken rule, with the node or tensor.
    pub fn validate(&self) -> Result<(), GraphError> {
        self.check_ids()?;
        for (tensor, in_use) in self.tensors.iter().zip(self.in_use()) {
            check_shape(tensor, in_use)?;
            check_data(tensor)?;
            if let Some(quant) = &tensor.quant {
                check_quantization(tensor, quant)?;
            }
        }
        self.nodes.iter().try_for_each(check_arity)?;
        let produced = self.check_producers()?;
        self.check_values(&produced)?;
        self.toposort().map(|_| ())
    }

    fn check_ids(&self) -> Result<(), GraphError> {
        let count = self.tensors.len();
        let check = |id: TensorId, place: &dyn Fn() -> String| {
            if id.index() < count {
                Ok(())
            } else {
                Err(GraphError::TensorOutOfRange { place: place(), id: id.0, count })
            }
        };
        for &id in &self.inputs {
            check(id, &|| "the input list".into())?;
        }
        for &id in &self.outputs {
            check(id, &|| "the output list".into())?;
        }
        for node in &self.nodes {
            for id in node.tensors() {
                check(id, &|| node.label())?;
            }
        }
        Ok(())
    }

    /// Tells for each tensor whether the caller or an operator that smidge runs uses it.
    fn in_use(&self) -> Vec<bool> {
        let mut in_use = vec![false; self.tensors.len()];
        let supported = self.nodes.iter().filter(|node| !node.op.is_unsupported());
        let operands = supported.flat_map(Node::tensors);
        let ends = self.inputs.iter().chain(&self.outputs).copied();
        operands.chain(ends).for_each(|id| in_use[id.index()] = true);
        in_use
    }

    /// Returns for each tensor whether a node produces it.
    fn check_producers(&self) -> Result<Vec<bool>, GraphError> {
        let mut is_input = vec![false; self.tensors.len()];
        self.inputs.iter().for_each(|id| is_input[id.index()] = true);

        let mut producer: Vec<Option<&Node>> = vec![None; self.tensors.len()];
        for node in &self.nodes {
            for &id in &node.outputs {
                let given = |what| GraphError::ProducesGiven {
                    node: node.label(),
                    tensor: self.tensor(id).label(),
                    what,
                };
                if self.tensor(id).is_constant() {
                    return Err(given("a constant"));
                }
                if is_input[id.index()] {
                    return Err(given("an input of the graph"));
                }
                if let Some(first) = producer[id.index()].replace(node) {
                    return Err(GraphError::ProducedTwice {
                        tensor: self.tensor(id).label(),
                        first: first.label(),
                        second: node.label(),
                    });
                }
            }
        }
        Ok(producer.iter().map(Option::is_some).collect())
    }

    fn check_values(&self, produced: &[bool]) -> Result<(), GraphError> {
        let mut has_value = produced.to_vec();
        self.inputs.iter().for_each(|id| has_value[id.index()] = true);
        for (value, tensor) in has_value.iter_mut().zip(&self.tensors) {
            *value |= tensor.is_constant() || tensor.is_variable;
        }
        let missing = |id: TensorId, place: String| GraphError::NoValue {
            place,
            tensor: self.tensor(id).label(),
        };
        for node in self.nodes.iter().filter(|node| !node.op.is_unsupported()) {
            if let Some(id) = node.present_inputs().find(|id| !has_value[id.index()]) {
                return Err(missing(id, node.label()));
            }
        }
        match self.outputs.iter().find(|id| !has_value[id.index()]) {
            Some(&id) => Err(missing(id, "the output list".into())),
            None => Ok(()),
        }
    }
}

fn check_arity(node: &Node) -> Result<(), GraphError> {
    let Some(needed) = node.op.arity() else { return Ok(()) };
    let Arity { inputs_min, inputs_max, outputs } = needed;
    let required = node.inputs.iter().take(inputs_min);
    let fits = node.inputs.len() >= inputs_min
        && node.inputs.len() <= inputs_max
        && required.into_iter().all(Option::is_some)
        && (outputs == Arity::ANY || node.outputs.len() == outputs);
    if fits {
        return Ok(());
    }
    Err(GraphError::WrongArity {
        node: node.label(),
        inputs: node.present_inputs().count(),
        outputs: node.outputs.len(),
        needed,
    })
}

fn check_shape(tensor: &Tensor, in_use: bool) -> Result<(), GraphError> {
    let rule = if tensor.shape.len() > MAX_RANK {
        "has more than 8 axes"
    } else if in_use && tensor.shape.contains(&0) && !tensor.is_constant() {
        "has an empty axis"
    } else if tensor.shape.iter().try_fold(1, |n: usize, &d| n.checked_mul(d)).is_none()
        || tensor.element_count() > MAX_ELEMENTS
    {
        "has more than 2147483647 elements"
    } else {
        return Ok(());
    };
    Err(GraphError::BadShape { tensor: tensor.label(), shape: tensor.shape.clone(), rule })
}

fn check_data(tensor: &Tensor) -> Result<(), GraphError> {
    let Some(data) = &tensor.data else { return Ok(()) };
    let needed = tensor.byte_len();
    // The elements of a string tensor have no common size.
    if needed == Some(data.len()) || tensor.dtype.bits().is_none() {
        return Ok(());
    }
    Err(GraphError::DataLength {
        tensor: tensor.label(),
        dtype: tensor.dtype,
        shape: tensor.shape.clone(),
        actual: data.len(),
        needed: needed.map_or("more than can be addressed".into(), |len| len.to_string()),
    })
}

fn check_quantization(tensor: &Tensor, quant: &Quantization) -> Result<(), GraphError> {
    let rule = match quant.axis {
        _ if quant.scale.len() != quant.zero_point.len() => Some("are not equally many"),
        None if quant.scale.len() != 1 => Some("is not one each for the whole tensor"),
        Some(axis) if tensor.shape.get(axis) != Some(&quant.scale.len()) => {
            Some("is not one each per index of the quantized axis")
        }
        _ => None,
    };
    if let Some(rule) = rule {
        return Err(GraphError::QuantizationLength {
            tensor: tensor.label(),
            scales: quant.scale.len(),
            zero_points: quant.zero_point.len(),
            rule,
        });
    }
    if let Some(&scale) = quant.scale.iter().find(|scale| !(scale.is_finite() && **scale > 0.0)) {
        return Err(GraphError::BadScale { tensor: tensor.label(), scale });
    }
    let range = tensor.dtype.integer_range();
    let holds = |point: &i64| range.is_none_or(|(low, high)| (low..=high).contains(point));
    match quant.zero_point.iter().find(|point| !holds(point)) {
        Some(&zero_point) => Err(GraphError::BadZeroPoint {
            tensor: tensor.label(),
            zero_point,
            dtype: tensor.dtype,
        }),
        None => Ok(()),
    }
}
