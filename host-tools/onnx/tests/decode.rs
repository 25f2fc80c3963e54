//! Files are decoded, and damaged ones refused in bounded time and memory.

use prost::Message;
use smidge_onnx::{AttributeProto, GraphProto, ModelProto, NodeProto, decode};

#[test]
fn what_is_encoded_is_decoded() {
    let node = NodeProto { op_type: Some("Relu".into()), ..NodeProto::default() };
    let graph = GraphProto { node: vec![node], ..GraphProto::default() };
    let model = ModelProto { ir_version: Some(8), graph: Some(graph), ..ModelProto::default() };
    assert_eq!(decode(&model.encode_to_vec()), Ok(model));
}

#[test]
fn nonsense_and_cut_off_files_are_refused() {
    assert!(decode(b"not a model at all").is_err());
    let model = ModelProto { producer_name: Some("x".repeat(300)), ..ModelProto::default() };
    let bytes = model.encode_to_vec();
    assert!(decode(&bytes[..bytes.len() - 1]).is_err());
}

#[test]
fn nesting_is_bounded() {
    let mut graph = GraphProto::default();
    for _ in 0..200 {
        let attribute = AttributeProto { g: Some(graph), ..AttributeProto::default() };
        let node = NodeProto { attribute: vec![attribute], ..NodeProto::default() };
        graph = GraphProto { node: vec![node], ..GraphProto::default() };
    }
    let model = ModelProto { graph: Some(graph), ..ModelProto::default() };
    assert!(decode(&model.encode_to_vec()).is_err());
}
