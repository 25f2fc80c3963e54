//! Models that were checked where the firmware was built.

mod common;

use common::{call, check};
use smidge::{Arena, CheckError, InvokeError, Model, Op, OpError, Session, ops};

static MODEL: Model = smidge::embed!("../fuzz/corpus/blob/conv_2d-s8.smg", [ops::conv_2d::S8]);
static BLOB: &[u8] = smidge::include_blob!("../fuzz/corpus/blob/conv_2d-s8.smg");

#[test]
fn an_embedded_model_runs_as_the_checked_one() {
    let checked = check(BLOB).unwrap();
    let mut arenas = [0, 1].map(|_| Arena::<{ MODEL.arena_len() }>::new());
    let [first, second] = arenas.each_mut();
    let input: Vec<u8> = (0..MODEL.input(0).unwrap().len as u8).collect();
    let expected = call(&mut Session::new(&checked, first).unwrap(), &[&input]);
    let outputs = call(&mut Session::new(&MODEL, second).unwrap(), &[&input]);
    assert!(outputs == expected && !outputs[0].is_empty());
}

#[test]
fn operators_without_checks_accept_no_step() {
    static OPS: &[Op] = &[ops::conv_2d::S8.run_only()];
    let unchecked = CheckError::Op { step: 0, error: OpError::Unchecked };
    assert_eq!(Model::check(BLOB, OPS).err(), Some(unchecked));
}

#[test]
fn a_missing_operator_ends_the_call() {
    let model = Model::prechecked(BLOB, &[]).unwrap();
    let mut arena = Arena::<{ MODEL.arena_len() }>::new();
    let mut session = Session::new(&model, &mut arena).unwrap();
    assert_eq!(session.invoke(), Err(InvokeError::Corrupt { step: 0 }));
}
