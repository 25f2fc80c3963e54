//! Scales and zero points.

use smidge_graph::{DType, Quantization};
use smidge_tflite::{QuantizationRef, TensorRef};

use super::{Problem, Reader, damaged};
use crate::import::Warning;

/// How the elements of a tensor are to be read.
pub(super) enum Meaning {
    /// As they are.
    Plain,
    /// Through scales and zero points.
    Affine(Quantization),
    /// Through a scheme that the graph does not have.
    Other,
}

impl<'a> Reader<'a> {
    pub(super) fn quantization(
        &mut self,
        label: &str,
        tensor: &TensorRef<'a>,
        dtype: DType,
        shape: &[usize],
    ) -> Result<Meaning, Problem> {
        let damaged = |source| damaged(label, source);
        let Some(table) = tensor.quantization().map_err(damaged)? else {
            return Ok(Meaning::Plain);
        };
        if table.details().map_err(damaged)?.is_some() {
            return Ok(Meaning::Other);
        }
        let scale = self.scales(label, &table)?;
        // On floats, training tools leave the ranges here that they have seen.
        if scale.is_empty() || dtype.integer_range().is_none() {
            return Ok(Meaning::Plain);
        }
        let zero_point = self.zero_points(label, &table, scale.len())?;
        let quant = Quantization { scale, zero_point, axis: None };
        // Shapes and axes get a meaningless quantization from some converters. Biases have one
        // that nobody reads: their scale follows from the scales of input and weights.
        if matches!(dtype, DType::I32 | DType::I64) && !is_possible(&quant, dtype) {
            self.warnings.push(Warning::QuantizationDropped { tensor: label.to_owned() });
            return Ok(Meaning::Plain);
        }
        let axis = table.quantized_dimension().map_err(damaged)?;
        let axis = self.axis(label, quant.scale.len(), axis, shape)?;
        Ok(Meaning::Affine(Quantization { axis, ..quant }))
    }

    fn scales(&mut self, label: &str, table: &QuantizationRef<'a>) -> Result<Vec<f32>, Problem> {
        let scales = table.scale().map_err(|source| damaged(label, source))?;
        self.budget.charge(scales.map_or(0, |scales| scales.len()), size_of::<f32>())?;
        Ok(scales.into_iter().flatten().collect())
    }

    /// As many zero points as scales where the file has none or one for all.
    fn zero_points(
        &mut self,
        label: &str,
        table: &QuantizationRef<'a>,
        scale_count: usize,
    ) -> Result<Vec<i64>, Problem> {
        let points = table.zero_point().map_err(|source| damaged(label, source))?;
        let count = points.map_or(0, |points| points.len());
        self.budget.charge(count.max(scale_count), size_of::<i64>())?;
        if count == scale_count || count > 1 {
            return Ok(points.into_iter().flatten().collect());
        }
        let zero_point = points.and_then(|points| points.first()).unwrap_or(0);
        self.warnings.push(Warning::ZeroPoints { tensor: label.to_owned(), zero_point });
        Ok(vec![zero_point; scale_count])
    }

    /// The axis along which scales differ. A file may name any axis when there is only one scale
    /// or only one axis: such files exist, and other runtimes do not look at the number either.
    fn axis(
        &mut self,
        label: &str,
        scales: usize,
        axis: i32,
        shape: &[usize],
    ) -> Result<Option<usize>, Problem> {
        let named = usize::try_from(axis).ok();
        if scales == 1 {
            Ok(None)
        } else if named.and_then(|axis| shape.get(axis)) == Some(&scales) {
            Ok(named)
        } else if *shape == [scales] {
            self.warnings.push(Warning::QuantizedAxis { tensor: label.to_owned(), axis });
            Ok(Some(0))
        } else {
            let (tensor, shape) = (label.to_owned(), shape.to_vec());
            Err(Problem::QuantizedAxis { tensor, shape, scales, axis })
        }
    }
}

fn is_possible(quant: &Quantization, dtype: DType) -> bool {
    let (low, high) = dtype.integer_range().unwrap_or((i64::MIN, i64::MAX));
    quant.scale.iter().all(|scale| scale.is_finite() && *scale > 0.0)
        && quant.zero_point.iter().all(|point| (low..=high).contains(point))
}
