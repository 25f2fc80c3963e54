//! The golden vectors: one small model per case.

use std::path::Path;

use smidge_tools::import::import;

use crate::models::files_below;

#[test]
fn every_vector_is_imported_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hil-tests/vectors");
    if !folder.is_dir() {
        println!("skipped: no vectors");
        return;
    }
    let files = files_below(&folder, "tflite");
    assert!(!files.is_empty(), "the folder of vectors contains no model");
    for path in files {
        let import = import(&path).unwrap_or_else(|error| panic!("{error}"));
        let graph = import.model.main().expect("a main graph");
        let unsupported: Vec<_> =
            graph.nodes.iter().filter(|node| node.op.is_unsupported()).collect();
        assert!(unsupported.is_empty(), "{}: {unsupported:?}", path.display());
        assert!(!graph.nodes.is_empty(), "{}", path.display());
        assert!(import.warnings.is_empty(), "{}: {:?}", path.display(), import.warnings);
    }
}
