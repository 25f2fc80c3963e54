//! The networks of the tests on boards give here what is written there.

#[path = "../programs/golden.rs"]
mod golden;

use smidge_format::AlignedBuf;

#[test]
fn the_checksums_are_those_of_this_machine() {
    let mut arena = AlignedBuf::zeroed(4096);
    let all = golden::CASES.iter();
    let found: Vec<_> = all.map(|case| golden::run(case.blob, &mut arena)).collect();
    let expected: Vec<_> = golden::CASES.iter().map(|case| Some(case.golden)).collect();
    assert_eq!(found, expected);
}
