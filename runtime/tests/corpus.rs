//! The fuzzer's seeds are the networks of these tests, and every file of its corpus is survived:
//! what the fuzzer finds is put there. `SMIDGE_UPDATE=1` writes the seeds again.

mod common;

use common::hostile::{seal, survives};
use common::{Random, zoo};
use smidge::format::{AlignedBuf, HEADER};
use std::fs;
use std::path::Path;

#[test]
fn the_corpus_holds_every_network_and_is_survived() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/blob");
    for (name, net) in zoo::all() {
        let path = folder.join(name).with_extension("smg");
        let valid = net.bytes();
        if std::env::var_os("SMIDGE_UPDATE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &valid[..]).unwrap();
        }
        let seed = fs::read(&path).unwrap_or_default();
        assert!(seed == valid[..], "{} is old: set SMIDGE_UPDATE=1", path.display());
    }
    let mut total = 0;
    for file in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        total += bytes.len();
        let mut blob = AlignedBuf::from(&bytes[..]);
        if blob.len() >= HEADER {
            seal(&mut blob);
        }
        survives(&blob, &mut Random(1), 1 << 18, 5000);
    }
    assert!(total < 200_000, "{total} bytes");
}
