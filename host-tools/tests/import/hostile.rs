//! Files that were cut off, changed, or made to harm: an error or a graph, soon, and no panic.

use std::time::{Duration, Instant};

use smidge_tools::import::import_bytes;
use smidge_tools::testdata::models_dir;

use crate::file::{Buffer, File, INT8, Operator, Tensor};

/// Imports, and checks that whatever comes back is legal.
fn survive(bytes: &[u8]) -> bool {
    match import_bytes("hostile.tflite", bytes) {
        Ok(import) => {
            for graph in &import.model.subgraphs {
                graph.validate().expect("importers return legal graphs");
                assert!(graph.toposort().is_ok_and(|order| order.is_sorted()));
            }
            true
        }
        Err(error) => {
            assert!(error.to_string().starts_with("E01"), "{error}");
            false
        }
    }
}

/// A small file that has every table.
fn rich_file() -> Vec<u8> {
    let mut file = File::default();
    file.buffers.push(Buffer { data: (0..64).collect(), ..Buffer::default() });
    file.graphs[0].tensors.push(Tensor {
        name: "weights".into(),
        shape: vec![4, 16],
        ty: INT8,
        buffer: 1,
        scale: vec![0.5; 4],
        zero_point: vec![0; 4],
        ..Tensor::default()
    });
    file.metadata.push(("note", 1));
    file.graphs.push(file.graphs[0].clone());
    file.bytes()
}

fn real_models() -> Vec<Vec<u8>> {
    let Some(root) = models_dir() else {
        println!("skipped: no models, see SMIDGE_MODELS");
        return Vec::new();
    };
    ["hello_world_int8", "mlperf_sww_int8"]
        .iter()
        .map(|name| root.join(name).join("model.tflite"))
        .map(|path| std::fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}")))
        .collect()
}

#[test]
fn cut_off_at_every_length() {
    let bytes = rich_file();
    assert!(survive(&bytes));
    for len in 0..bytes.len() {
        survive(&bytes[..len]);
    }
}

#[test]
fn every_word_at_its_limits() {
    let bytes = rich_file();
    for value in [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff_u32] {
        for at in (0..bytes.len() - 4).step_by(2) {
            let mut changed = bytes.clone();
            changed[at..at + 4].copy_from_slice(&value.to_le_bytes());
            survive(&changed);
        }
    }
}

#[test]
fn real_models_cut_off() {
    for bytes in real_models() {
        let step = bytes.len() / 700 + 1;
        for len in (0..bytes.len()).step_by(step) {
            survive(&bytes[..len]);
        }
    }
}

#[test]
fn real_models_with_flipped_bits() {
    const FLIPS: usize = 2_000;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for bytes in real_models() {
        let mut accepted = 0;
        for _ in 0..FLIPS {
            // xorshift64: the same flips in every run.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let bit = random as usize % (bytes.len() * 8);
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            accepted += usize::from(survive(&changed));
        }
        // Most bits are weights or names: if nothing passed, this test would test nothing.
        assert!(accepted > FLIPS / 10 && accepted < FLIPS, "{accepted}");
    }
}

/// Expects the code; does not print the model if there is one, which would be enormous.
fn refuse(file: &File, code: &str) {
    let result = import_bytes("hostile.tflite", &file.bytes());
    assert_eq!(result.map(drop).map_err(|error| error.code()), Err(code));
}

#[test]
fn overlapping_tables_do_not_fill_the_memory() {
    let start = Instant::now();
    let mut file = File::default();
    file.graphs[0].tensor_aliases = 20_000;
    file.graphs[0].tensors[0].name = "n".repeat(20_000);
    // 400 MB of names.
    refuse(&file, "E0109");

    let mut file = File::default();
    file.graphs[0].tensor_aliases = 1 << 18;
    refuse(&file, "E0108");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn buffers_within_each_other_do_not_fill_the_memory() {
    let mut file = File::default();
    let tail = 1 << 20;
    file.tail = vec![0; tail];
    for start in 0..1_000 {
        let size = (tail / 2) as u64;
        file.buffers.push(Buffer { data: Vec::new(), offset: 2 + start, size });
        file.graphs[0].tensors.push(Tensor {
            shape: vec![size as i32],
            ty: INT8,
            buffer: 1 + start as u32,
            ..Tensor::default()
        });
    }
    // Half a gigabyte of data.
    refuse(&file, "E0109");
}

#[test]
fn reasons_do_not_fill_the_memory() {
    let mut file = File::default();
    let graph = &mut file.graphs[0];
    graph.tensors[0].name = "n".repeat(20_000);
    graph.tensors[0].is_sparse = true;
    let operator = Operator { inputs: vec![0], ..Operator::default() };
    graph.operators = vec![operator; 20_000];
    // 400 MB of reasons.
    refuse(&file, "E0109");
}
