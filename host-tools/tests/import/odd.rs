//! Files that are slightly wrong, or right in an unusual way, and the errors of those that are
//! wrong beyond repair.

use smidge_graph::{DType, Graph, Op, Quantization};
use smidge_tools::import::{Import, import_bytes};

use crate::file::{Buffer, File, INT8, INT32, Operator, Tensor};

fn read(file: &File) -> Import {
    import_bytes("test.tflite", &file.bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn graph(file: &File) -> Graph {
    let import = read(file);
    assert!(import.warnings.is_empty(), "{:?}", import.warnings);
    import.model.subgraphs[0].clone()
}

/// Expects the code, and the text in the message.
fn check(file: &File, code: &str, text: &str) {
    let error = import_bytes("test.tflite", &file.bytes()).expect_err("a wrong file");
    assert_eq!(error.code(), code, "{error}");
    let message = error.to_string();
    assert!(message.starts_with(&format!("{code}: test.tflite: ")), "{message}");
    assert!(message.contains(text), "{message}");
}

/// The default file, changed.
fn file(change: impl FnOnce(&mut File)) -> File {
    let mut file = File::default();
    change(&mut file);
    file
}

/// The default file with another input.
fn with_input(change: impl FnOnce(&mut Tensor)) -> File {
    file(|file| change(&mut file.graphs[0].tensors[0]))
}

fn with_constant(tensor: Tensor, buffer: Buffer) -> File {
    file(|file| {
        file.buffers.push(buffer);
        file.graphs[0].tensors.push(Tensor { buffer: 1, ..tensor });
    })
}

#[test]
fn the_default_file_is_right() {
    let graph = graph(&File::default());
    assert_eq!(graph.nodes[0].op, Op::Relu);
    assert_eq!(graph.nodes[0].name, "y");
    assert_eq!(graph.tensors[0].shape, [1, 4]);
    assert_eq!(graph.tensors[0].source_dtype, DType::F32);
}

#[test]
fn versions_and_counts() {
    check(&file(|file| file.version = 2), "E0106", "version 2");
    check(&file(|file| file.graphs.clear()), "E0107", "no graph");
}

#[test]
fn positions_exist() {
    check(
        &file(|f| f.graphs[0].operators[0].code = 1),
        "E0110",
        "node 0 refers to operator code 1",
    );
    check(&file(|f| f.graphs[0].operators[0].inputs = vec![2]), "E0110", "tensor 2");
    check(&file(|f| f.graphs[0].operators[0].inputs = vec![-2]), "E0110", "tensor -2");
    check(&file(|f| f.graphs[0].operators[0].outputs = vec![-1]), "E0110", "tensor -1");
    check(&file(|f| f.graphs[0].inputs = vec![7]), "E0110", "tensor 7");
    check(&file(|f| f.graphs[0].tensors[0].buffer = 9), "E0110", "`x` refers to buffer 9");
    check(&file(|f| f.metadata.push(("m", 3))), "E0110", "metadata `m`");
}

#[test]
fn broken_rules_of_the_graph_are_reported() {
    check(&file(|f| f.graphs[0].operators[0].inputs = vec![-1]), "E0121", "RELU node 0 `y`");
    check(&file(|f| f.graphs[0].operators[0].inputs = vec![1]), "E0125", "RELU node 0 `y`");
    check(&with_input(|x| x.shape = vec![1; 9]), "E0126", "tensor 0 `x`");
    check(&with_input(|x| x.shape = vec![1, 0]), "E0126", "tensor 0 `x`");
    check(&with_input(|x| x.shape = vec![1, -1]), "E0112", "tensor 0 `x`");
    check(&with_input(|x| x.ty = 99), "E0105", "tensor 0 `x`");
}

#[test]
fn scales_must_be_possible() {
    let quantized = |scale: f32, zero_point| {
        with_input(|x| (x.ty, x.scale, x.zero_point) = (INT8, vec![scale], vec![zero_point]))
    };
    let quant = graph(&quantized(0.5, 3)).tensors[0].quant.clone();
    assert_eq!(quant, Some(Quantization::per_tensor(0.5, 3)));
    check(&quantized(f32::NAN, 0), "E0129", "tensor 0 `x`");
    check(&quantized(0.0, 0), "E0129", "tensor 0 `x`");
    check(&quantized(0.5, 128), "E0130", "tensor 0 `x`");
}

#[test]
fn scales_differ_along_an_axis_that_exists() {
    let quantized = |shape: &[i32], axis| {
        with_input(|x| {
            (x.ty, x.scale, x.zero_point) = (INT8, vec![0.5; 4], vec![0; 4]);
            (x.shape, x.axis) = (shape.to_vec(), axis);
        })
    };
    let axis = |file: &File| graph(file).tensors[0].quant.as_ref().and_then(|quant| quant.axis);
    assert_eq!(axis(&quantized(&[1, 4], 1)), Some(1));
    assert_eq!(axis(&quantized(&[4], 0)), Some(0));
    check(&quantized(&[1, 4], 0), "E0114", "tensor 0 `x`");
    check(&quantized(&[1, 4], -1), "E0114", "axis -1");
    check(&quantized(&[1, 4], 2), "E0114", "axis 2");

    // Other runtimes do not look at the axis of a bias.
    let repaired = read(&quantized(&[4], 3));
    assert_eq!(repaired.warnings[0].code(), "W0101");
    let quant = repaired.model.subgraphs[0].tensors[0].quant.clone();
    assert_eq!(quant.and_then(|quant| quant.axis), Some(0));
}

#[test]
fn one_scale_is_for_the_whole_tensor_whatever_the_axis() {
    let file = with_input(|x| {
        (x.ty, x.scale, x.zero_point, x.axis) = (INT8, vec![0.5], vec![0], 7);
    });
    let quant = graph(&file).tensors[0].quant.clone();
    assert_eq!(quant, Some(Quantization::per_tensor(0.5, 0)));
}

#[test]
fn missing_zero_points_are_zero() {
    for (points, expected) in [(vec![], 0), (vec![5], 5)] {
        let file = with_input(|x| {
            (x.ty, x.scale, x.zero_point, x.axis) = (INT8, vec![0.5; 4], points, 1);
        });
        let import = read(&file);
        assert_eq!(import.warnings[0].code(), "W0102");
        let quant = import.model.subgraphs[0].tensors[0].quant.clone().expect("scales");
        assert_eq!(quant.zero_point, [expected; 4]);
    }
    let uneven = with_input(|x| {
        (x.ty, x.scale, x.zero_point, x.axis) = (INT8, vec![0.5; 4], vec![0; 3], 1);
    });
    check(&uneven, "E0128", "4 scales and 3 zero points");
}

#[test]
fn quantization_that_means_nothing_is_dropped() {
    let ranges = with_input(|x| (x.scale, x.zero_point) = (vec![0.0], vec![0]));
    assert_eq!(graph(&ranges).tensors[0].quant, None);

    let indices = with_input(|x| (x.ty, x.scale, x.zero_point) = (INT32, vec![0.0], vec![0]));
    let import = read(&indices);
    assert_eq!(import.warnings[0].code(), "W0103");
    assert_eq!(import.model.subgraphs[0].tensors[0].quant, None);
}

#[test]
fn tensors_that_cannot_be_read_make_their_operators_unsupported() {
    let input = |change: fn(&mut Tensor)| with_input(change);
    let variants = [
        (input(|x| x.is_sparse = true), "stored sparsely"),
        (input(|x| (x.ty, x.details) = (INT8, 2)), "in blocks"),
        (input(|x| x.external_buffer = 1), "another file"),
    ];
    for (file, text) in variants {
        let graph = graph(&file);
        let Op::Unsupported { name, reason } = &graph.nodes[0].op else { panic!("{text}") };
        assert_eq!(name, "RELU");
        assert!(reason.contains(text) && reason.contains("`x`"), "{reason}");
    }
}

#[test]
fn nodes_out_of_order_are_sorted() {
    let file = file(|file| {
        let graph = &mut file.graphs[0];
        graph.tensors.push(Tensor { name: "z".into(), shape: vec![1, 4], ..Tensor::default() });
        graph
            .operators
            .insert(0, Operator { inputs: vec![1], outputs: vec![2], ..Operator::default() });
        graph.outputs = vec![2];
    });
    let import = read(&file);
    assert_eq!(import.warnings[0].code(), "W0104");
    let names: Vec<_> =
        import.model.subgraphs[0].nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["y", "z"]);
}

#[test]
fn constants_have_their_bytes() {
    let pair = Tensor { shape: vec![2], ty: INT8, ..Tensor::default() };
    let in_buffer = |data: &[u8]| Buffer { data: data.to_vec(), ..Buffer::default() };
    let graph = graph(&with_constant(pair.clone(), in_buffer(&[1, 2])));
    assert_eq!(graph.tensors[2].data.as_deref(), Some(&[1, 2][..]));
    check(&with_constant(pair.clone(), in_buffer(&[1, 2, 3])), "E0127", "tensor 2");
    let variable = Tensor { is_variable: true, ..pair };
    check(&with_constant(variable, in_buffer(&[1, 2])), "E0113", "tensor 2");
}

#[test]
fn a_constant_without_elements_is_a_constant() {
    let file = file(|file| {
        file.graphs[0].tensors.push(Tensor { shape: vec![0], ty: INT32, ..Tensor::default() });
    });
    assert_eq!(graph(&file).tensors[2].data.as_deref(), Some(&[][..]));
}

#[test]
fn data_behind_the_flatbuffer_is_found() {
    let pair = Tensor { shape: vec![2], ty: INT8, ..Tensor::default() };
    let at = |offset, size| Buffer { data: Vec::new(), offset, size };
    let end = with_constant(pair.clone(), at(2, 2)).bytes().len() as u64;

    let mut file = with_constant(pair.clone(), at(end + 1, 2));
    file.tail = vec![9, 7, 8];
    assert_eq!(graph(&file).tensors[2].data.as_deref(), Some(&[7, 8][..]));

    for (offset, size) in [(end + 2, 2), (u64::MAX, 2), (2, u64::MAX), (end * 2, 0)] {
        file.buffers[1] = at(offset, size);
        check(&file, "E0111", "buffer 1");
    }
}

#[test]
fn shared_buffers_are_shared_in_memory() {
    let mut file = with_constant(
        Tensor { shape: vec![2], ty: INT8, ..Tensor::default() },
        Buffer { data: vec![1, 2], ..Buffer::default() },
    );
    let again = file.graphs[0].tensors[2].clone();
    file.graphs[0].tensors.push(again);
    file.metadata.push(("note", 1));
    let import = read(&file);
    let [.., a, b] = import.model.subgraphs[0].tensors.as_slice() else { panic!("four tensors") };
    let (a, b) = (a.data.as_ref().expect("data"), b.data.as_ref().expect("data"));
    assert!(std::sync::Arc::ptr_eq(a, b));
    assert!(std::sync::Arc::ptr_eq(a, &import.model.metadata["note"]));
}
