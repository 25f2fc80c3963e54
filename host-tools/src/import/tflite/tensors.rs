//! Tensors.

use std::sync::Arc;

use smidge_graph::{DType, Node, Tensor, TensorId};
use smidge_tflite::{TensorRef, TensorType};

use super::quantization::Meaning;
use super::{MAX_TENSORS, Problem, Reader, Tables, at_most, count, damaged};

/// The tensors of a graph.
pub(super) struct Tensors {
    pub(super) tensors: Vec<Tensor>,
    /// For each, why operators cannot use it, as the end of a sentence about it.
    pub(super) unusable: Vec<Option<&'static str>>,
}

impl Tensors {
    /// A constant without elements has no data in the file, just like a tensor that is computed.
    pub(super) fn fill_empty_constants(&mut self, inputs: &[TensorId], nodes: &[Node]) {
        let produced = nodes.iter().flat_map(|node| &node.outputs);
        let mut given = vec![false; self.tensors.len()];
        inputs.iter().chain(produced).for_each(|id| given[id.index()] = true);
        for (tensor, given) in self.tensors.iter_mut().zip(given) {
            if !given && !tensor.is_variable && tensor.shape.contains(&0) {
                tensor.data = Some(Arc::default());
            }
        }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn tensors(
        &mut self,
        graph: &str,
        tables: Tables<'a, TensorRef<'a>>,
    ) -> Result<Tensors, Problem> {
        // No table that converters write is shorter.
        const TENSOR_COST: usize = 32;
        at_most("tensors", count(&tables), MAX_TENSORS)?;
        self.budget.charge(count(&tables), TENSOR_COST)?;

        let mut result = Tensors { tensors: Vec::new(), unusable: Vec::new() };
        for (index, table) in (0..).zip(tables.into_iter().flatten()) {
            let table = table.map_err(|source| damaged(graph, source))?;
            let (tensor, unusable) = self.tensor(index, table)?;
            result.tensors.push(tensor);
            result.unusable.push(unusable);
        }
        Ok(result)
    }

    fn tensor(
        &mut self,
        index: u32,
        table: TensorRef<'a>,
    ) -> Result<(Tensor, Option<&'static str>), Problem> {
        let name = table.name().map_err(|source| damaged(format!("tensor {index}"), source))?;
        let name = self.text(name)?;
        let label = format!("tensor {index} `{name}`");
        let damaged = |source| damaged(&label, source);

        let dtype = dtype(table.type_().map_err(damaged)?);
        let shape = self.shape(&label, &table)?;
        let (quant, unusable) = match self.quantization(&label, &table, dtype, &shape)? {
            Meaning::Plain => (None, None),
            Meaning::Affine(quant) => (Some(quant), None),
            Meaning::Other => (None, Some("is quantized in blocks or along several axes")),
        };
        let unusable = if table.sparsity().map_err(damaged)?.is_some() {
            Some("is stored sparsely")
        } else if table.external_buffer().map_err(damaged)? != 0 {
            Some("has its data in another file")
        } else {
            unusable
        };

        let data = match unusable {
            None => {
                let buffer = table.buffer().map_err(damaged)?;
                self.buffers.get(buffer, &mut self.budget, || label.clone())?
            }
            Some(_) => None,
        };
        let is_variable = table.is_variable().map_err(damaged)?;
        if is_variable && data.is_some() {
            return Err(Problem::ConstantVariable { tensor: label });
        }
        let (source_index, source_dtype) = (index, dtype);
        let tensor =
            Tensor { name, dtype, shape, quant, data, is_variable, source_index, source_dtype };
        Ok((tensor, unusable))
    }

    fn shape(&mut self, label: &str, table: &TensorRef<'a>) -> Result<Vec<usize>, Problem> {
        let Some(shape) = table.shape().map_err(|source| damaged(label, source))? else {
            return Ok(Vec::new());
        };
        self.budget.charge(shape.len(), size_of::<usize>())?;
        let extents: Result<Vec<usize>, _> = shape.iter().map(usize::try_from).collect();
        extents
            .map_err(|_| Problem::Shape { tensor: label.to_owned(), shape: shape.iter().collect() })
    }
}

fn dtype(ty: TensorType) -> DType {
    match ty {
        TensorType::Float32 => DType::F32,
        TensorType::Float16 => DType::F16,
        TensorType::Int32 => DType::I32,
        TensorType::Uint8 => DType::U8,
        TensorType::Int64 => DType::I64,
        TensorType::String => DType::String,
        TensorType::Bool => DType::Bool,
        TensorType::Int16 => DType::I16,
        TensorType::Complex64 => DType::Complex64,
        TensorType::Int8 => DType::I8,
        TensorType::Float64 => DType::F64,
        TensorType::Complex128 => DType::Complex128,
        TensorType::Uint64 => DType::U64,
        TensorType::Resource => DType::Resource,
        TensorType::Variant => DType::Variant,
        TensorType::Uint32 => DType::U32,
        TensorType::Uint16 => DType::U16,
        TensorType::Int4 => DType::I4,
        TensorType::Bfloat16 => DType::Bf16,
        TensorType::Int2 => DType::I2,
        TensorType::Uint4 => DType::U4,
        TensorType::Float8E4m3Fn => DType::F8E4M3,
        TensorType::Float8E5m2 => DType::F8E5M2,
    }
}
