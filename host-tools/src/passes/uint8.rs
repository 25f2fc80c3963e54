//! Turns uint8 networks into int8 ones.

use std::collections::HashMap;
use std::sync::Arc;

use smidge_graph::{DType, Graph};

/// Stores every quantized uint8 tensor as int8, and returns how many there were.
///
/// Values and zero points move down by 128, so every element stands for the same real number as
/// before: the change is exact. Tensors of plain bytes, which have no quantization, stay as they
/// are. Inputs and outputs of the graph change too; [`Tensor::source_dtype`] tells the caller that
/// the source had uint8 there.
///
/// [`Tensor::source_dtype`]: smidge_graph::Tensor::source_dtype
pub fn uint8_to_int8(graph: &mut Graph) -> usize {
    let mut converted = 0;
    // Tensors that share their data go on sharing it.
    let mut flipped: HashMap<*const u8, Arc<[u8]>> = HashMap::new();
    for tensor in graph.tensors.iter_mut().filter(|tensor| tensor.dtype == DType::U8) {
        let Some(quant) = &mut tensor.quant else { continue };
        quant.zero_point.iter_mut().for_each(|point| *point -= 128);
        if let Some(data) = &mut tensor.data {
            let shared = flipped.entry(data.as_ptr());
            *data = shared.or_insert_with(|| data.iter().map(|byte| byte ^ 0x80).collect()).clone();
        }
        tensor.dtype = DType::I8;
        converted += 1;
    }
    converted
}

#[cfg(test)]
mod tests {
    use super::*;
    use smidge_graph::{Quantization, Tensor};

    fn tensor(dtype: DType, quant: Option<Quantization>, data: Option<&[u8]>) -> Tensor {
        Tensor {
            name: String::new(),
            dtype,
            shape: vec![3],
            quant,
            data: data.map(Arc::from),
            is_variable: false,
            source_index: 0,
            source_dtype: dtype,
        }
    }

    fn converted(tensor: Tensor) -> Tensor {
        let mut graph = Graph { tensors: vec![tensor], ..Graph::default() };
        uint8_to_int8(&mut graph);
        graph.validate().expect("a legal graph stays legal");
        graph.tensors.remove(0)
    }

    #[test]
    fn every_byte_keeps_its_real_value() {
        for zero_point in [0, 1, 128, 255] {
            let quant = Quantization::per_tensor(0.5, zero_point);
            let before = tensor(DType::U8, Some(quant), Some(&[0, 128, 255]));
            let after = converted(before.clone());
            assert_eq!(after.dtype, DType::I8);
            assert_eq!(after.source_dtype, DType::U8);
            let real = |tensor: &Tensor| -> Option<Vec<i64>> {
                let (_, zero_point) = tensor.quant.as_ref()?.as_per_tensor()?;
                Some(tensor.integers()?.iter().map(|value| value - zero_point).collect())
            };
            assert_eq!(real(&before), real(&after));
        }
    }

    #[test]
    fn other_tensors_stay() {
        let quant = Quantization::per_tensor(0.5, 3);
        for before in [
            tensor(DType::U8, None, Some(&[1, 2, 3])),
            tensor(DType::I8, Some(quant.clone()), Some(&[1, 2, 3])),
            tensor(DType::F32, None, None),
        ] {
            let mut graph = Graph { tensors: vec![before.clone()], ..Graph::default() };
            assert_eq!(uint8_to_int8(&mut graph), 0);
            assert_eq!(graph.tensors, [before]);
        }
    }

    #[test]
    fn shared_data_is_flipped_once() {
        let quant = Quantization::per_tensor(0.5, 3);
        let first = tensor(DType::U8, Some(quant), Some(&[1, 2, 3]));
        let mut graph = Graph { tensors: vec![first.clone(), first], ..Graph::default() };
        assert_eq!(uint8_to_int8(&mut graph), 2);
        let [a, b] = graph.tensors.as_slice() else { panic!("two tensors") };
        assert_eq!(a.data.as_deref(), Some(&[0x81, 0x82, 0x83][..]));
        assert!(a.data.iter().zip(&b.data).all(|(a, b)| Arc::ptr_eq(a, b)));
    }
}
