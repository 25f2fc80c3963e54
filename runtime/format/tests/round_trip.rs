//! What a builder holds is what a reader finds.

mod common;

use common::{INITIAL, SCALES, sample};
use smidge_format::write::Builder;
use smidge_format::{AlignedBuf, Blob, Isa, NONE, NameKind, Quantization};

fn written(builder: &Builder) -> AlignedBuf {
    AlignedBuf::from(&builder.finish().unwrap()[..])
}

/// All records of one kind, and nothing behind the last.
fn all<T: std::fmt::Debug>(count: usize, get: impl Fn(u16) -> Option<T>) -> Vec<T> {
    assert!(get(count as u16).is_none() && get(NONE).is_none());
    (0..count as u16).map(|index| get(index).unwrap()).collect()
}

#[test]
fn records_are_read_back() {
    let builder = sample();
    let bytes = written(&builder);
    let blob = Blob::check(&bytes).unwrap();
    assert_eq!(all(blob.tensor_count(), |i| blob.tensor(i)), builder.tensors);
    assert_eq!(all(blob.step_count(), |i| blob.step(i)), builder.steps);
    assert_eq!(all(blob.block_count(), |i| blob.block(i)), builder.blocks);
    assert_eq!(all(blob.subgraph_count(), |i| blob.subgraph(i)), builder.subgraphs);
    let header = blob.header();
    assert_eq!((header.arena_len, header.state_len), (builder.arena_len, builder.state_len));
    assert_eq!(blob.isa(), Isa::CortexM4);
    assert_eq!(blob.bytes().len(), bytes.len());
    assert!(blob.signature().is_empty());
}

#[test]
fn operands_and_attributes_belong_to_their_steps() {
    let bytes = written(&sample());
    let blob = Blob::check(&bytes).unwrap();
    let first = blob.step(0).unwrap();
    assert_eq!(blob.step_inputs(&first).collect::<Vec<_>>(), [0, NONE, 2]);
    assert_eq!(blob.step_outputs(&first).collect::<Vec<_>>(), [5]);
    assert_eq!(blob.step_attrs(&first), [1, 2, 3]);
    let second = blob.step(1).unwrap();
    assert_eq!(blob.step_inputs(&second).collect::<Vec<_>>(), [5]);
    assert_eq!(blob.step_attrs(&second), []);
    let entry = blob.subgraph(1).unwrap();
    assert_eq!(blob.inputs(&entry).collect::<Vec<_>>(), [9]);
    assert_eq!(blob.outputs(&entry).collect::<Vec<_>>(), [10, 3]);
}

#[test]
fn constants_are_stored_once() {
    let mut builder = sample();
    let again = builder.constant(&INITIAL);
    assert_eq!(again, builder.tensors[1].offset);
    assert_ne!(builder.constant(&INITIAL[..15]), again, "a prefix is another constant");
    let bytes = written(&builder);
    let blob = Blob::check(&bytes).unwrap();
    let constant = |index| blob.constant(&blob.tensor(index).unwrap());
    assert_eq!(constant(1), Some(&INITIAL[..]));
    assert_eq!(constant(2), Some(&[7u8; 12][..]));
    assert_eq!(constant(0), None, "not a constant");
    let state = blob.tensor(3).unwrap();
    assert_eq!(constant(state.origin), Some(&INITIAL[..]), "the state's initial value");
    assert!(constant(1).unwrap().as_ptr().addr().is_multiple_of(16));
}

#[test]
fn long_constants_start_lines_of_the_cache_where_vectors_are_as_long() {
    for (isa, line) in [(Isa::X86_64, 64), (Isa::CortexM4, 16)] {
        let mut builder = sample();
        builder.isa = isa;
        let short = builder.constant(&[9; 63]);
        let long = builder.constant(&[9; 64]);
        assert!(short.is_multiple_of(16));
        assert_eq!(long, (short + 63).next_multiple_of(line), "no gap that is not needed");
        builder.tensors[1].offset = long;
        builder.tensors[1].len = INITIAL.len() as u32;
        let bytes = written(&builder);
        let blob = Blob::check(&bytes).unwrap();
        let constant = blob.constant(&blob.tensor(1).unwrap()).unwrap();
        assert!(constant.as_ptr().addr().is_multiple_of(line as usize));
    }
}

#[test]
fn quantization_is_per_tensor_or_per_channel() {
    let bytes = written(&sample());
    let blob = Blob::check(&bytes).unwrap();
    let fields = |q: Quantization<'_>| (q.scale, q.zero_point, q.axis, q.scales().collect());
    let whole = (0.125f32, -128, None, vec![]);
    assert_eq!(blob.quantization(0).map(fields), Some(whole));
    let channels = (0.5, 0, Some(1), SCALES.to_vec());
    assert_eq!(blob.quantization(1).map(fields), Some(channels));
}

#[test]
fn texts_are_found() {
    let bytes = written(&sample());
    let blob = Blob::check(&bytes).unwrap();
    assert_eq!(blob.name(NameKind::Subgraph, 0), Some("sample"));
    assert_eq!(blob.name(NameKind::Tensor, 0), Some("größe"));
    assert_eq!(blob.name(NameKind::Step, 0), Some(""));
    assert_eq!(blob.name(NameKind::Tensor, 1), None);
    let entries: Vec<_> = blob.metadata().collect();
    assert_eq!(entries, [("licence", "MIT"), ("labels", "yes\nno\n")]);
    assert_eq!(blob.metadata_value("labels"), Some("yes\nno\n"));
    assert_eq!(blob.metadata_value("label"), None);
}

#[test]
fn long_names_are_cut_at_a_character() {
    let mut builder = sample();
    builder.name(NameKind::Tensor, 9, &"ß".repeat(40_000));
    builder.metadata(&"é".repeat(40_000), "long key");
    let bytes = written(&builder);
    let blob = Blob::check(&bytes).unwrap();
    assert_eq!(blob.name(NameKind::Tensor, 9), Some(&*"ß".repeat(32_767)));
    assert_eq!(blob.metadata_value(&"é".repeat(32_767)), Some("long key"));
}

#[test]
fn a_signature_follows_the_covered_bytes() {
    let mut bytes = sample().finish().unwrap();
    let covered = bytes.len();
    bytes.extend_from_slice(b"signature");
    let total = bytes.len() as u32;
    bytes[8..12].copy_from_slice(&total.to_le_bytes());
    bytes.extend_from_slice(&[0xFF; 100]); // The rest of a flash slot.
    let bytes = AlignedBuf::from(&bytes[..]);
    let blob = Blob::check(&bytes).unwrap();
    assert_eq!(blob.signature(), b"signature");
    assert_eq!(blob.bytes().len(), covered + 9);
}

#[test]
fn aligned_memory_is_aligned_and_keeps_its_bytes() {
    for len in [0, 1, 15, 16, 17, 1000] {
        let content: Vec<u8> = (0..len).map(|i| i as u8).collect();
        let copy = AlignedBuf::from(&content[..]).clone();
        assert_eq!(&*copy, &content[..]);
        assert!(copy.as_ptr().addr().is_multiple_of(64));
    }
    assert!(AlignedBuf::default().is_empty());
}

#[test]
fn a_section_of_a_later_version_is_ignored_however_it_is_stored() {
    use smidge_format::{CODEC_NONE, HEADER, SectionKind, checksum};
    let mut bytes = AlignedBuf::from(sample().finish().unwrap().as_slice());
    let count = usize::from(Blob::check(&bytes).unwrap().header().sections);
    let entries = (0..count).map(|index| HEADER + 16 * index);
    let names = (SectionKind::Names as u16).to_le_bytes();
    let at = entries.into_iter().find(|&at| bytes[at..at + 2] == names).unwrap();
    for (kind, accepted) in [(77u16, true), (SectionKind::Names as u16, false)] {
        bytes[at..at + 2].copy_from_slice(&kind.to_le_bytes());
        bytes[at + 2..at + 4].copy_from_slice(&(CODEC_NONE + 5).to_le_bytes());
        let sum = checksum(&bytes[16..]).to_le_bytes();
        bytes[12..16].copy_from_slice(&sum);
        assert_eq!(Blob::check(&bytes).is_ok(), accepted, "kind {kind}");
    }
}
