//! Conditions, repetitions, entry points and state.

mod common;

use common::{Net, call, check, run};
use smidge::format::write::Builder;
use smidge::format::{AlignedBuf, DType, FormatError, NONE, limits::MAX_DEPTH};
use smidge::kernels::Clamp;
use smidge::kernels::scalar::copy::View;
use smidge::{CheckError, InvokeError, Observer, Progress, Session, SessionError, ops};

/// Adds a step `sum = sum + constant`, in place.
fn add(net: &mut Net, sum: u16, constant: f32) {
    let clamp = Clamp { min: f32::MIN, max: f32::MAX };
    let constant = net.f32s(&[], &[constant]);
    let attrs = ops::binary::AttrsF32 { clamp }.encode();
    net.op(&ops::add::F32, &[sum, constant], &[sum], &attrs);
    net.in_place();
}

/// Adds a step that copies `count` elements of `from`, beginning with `start`.
fn slice(net: &mut Net, from: u16, start: usize, to: u16, count: usize) {
    let view = View { count: [1, 1, 1, 1, 1, count], step: [0, 0, 0, 0, 0, 1], start };
    let attrs = ops::strided_slice::Attrs { view }.encode();
    net.op(&ops::slice::ANY, &[from], &[to], &attrs);
}

/// Reads a float output.
fn float(outputs: &[Vec<u8>]) -> f32 {
    f32::from_le_bytes(outputs[0][..].try_into().unwrap())
}

fn truth(net: &mut Net) -> u16 {
    net.constant(DType::Bool, &[], &[1])
}

#[test]
fn a_condition_chooses_a_block() {
    // Which blocks there are, and the sum when the condition is true and when it is false.
    let cases = [([true, true], 1.0, 10.0), ([true, false], 1.0, 0.0), ([false, true], 0.0, 10.0)];
    for (present, if_true, if_false) in cases {
        let mut net = Net::new();
        let (condition, sum) = (net.arena(DType::Bool, &[1]), net.arena(DType::F32, &[]));
        let block = |net: &mut Net, present: bool, constant: f32| {
            if present {
                add(net, sum, constant);
            }
        };
        net.branch(condition, |n| block(n, present[0], 1.0), |n| block(n, present[1], 10.0));
        add(&mut net, sum, 100.0);
        let blob = net.finish(&[condition, sum], &[sum]);
        for (flag, expected) in [(1, if_true), (0xFF, if_true), (0, if_false)] {
            let outputs = run(&blob, &[&[flag], &[0; 4]]);
            assert_eq!(float(&outputs), expected + 100.0, "{present:?} {flag}");
        }
    }
}

/// Counts how many flags are true before the first false one, at most `max_trips`: the body shifts
/// the flags and reads the next condition.
fn counter(max_trips: u32) -> AlignedBuf {
    let mut net = Net::new();
    let flags = net.arena(DType::Bool, &[6]);
    let sum = net.arena(DType::F32, &[]);
    let (condition, rest) = (net.arena(DType::Bool, &[]), net.arena(DType::Bool, &[5]));
    slice(&mut net, flags, 0, condition, 1);
    net.repeat(condition, max_trips, |net| {
        slice(net, flags, 1, rest, 5);
        let attrs = ops::pad::Attrs { before: [0; 6], value: [0; 8] }.encode();
        net.op(&ops::pad::ANY, &[rest], &[flags], &attrs);
        slice(net, flags, 0, condition, 1);
        add(net, sum, 1.0);
    });
    add(&mut net, sum, 100.0);
    net.finish(&[flags, sum], &[sum])
}

#[test]
fn a_loop_ends_by_its_condition_or_its_bound() {
    let cases = [
        ([0, 1, 1, 1, 1, 1], 9, 0.0),
        ([1, 0, 1, 1, 1, 1], 9, 1.0),
        ([1, 1, 1, 0, 1, 1], 9, 3.0),
        ([1, 1, 1, 1, 1, 1], 9, 6.0),
        ([1, 1, 1, 1, 1, 1], 6, 6.0),
        ([1, 1, 1, 1, 1, 1], 2, 2.0),
        ([1, 1, 1, 1, 1, 1], 1, 1.0),
    ];
    for (flags, max_trips, expected) in cases {
        let outputs = run(&counter(max_trips), &[&flags, &[0; 4]]);
        assert_eq!(float(&outputs), expected + 100.0, "{flags:?} {max_trips}");
    }
}

/// Loops inside each other, and an `if` inside the innermost where there is room.
fn nested(net: &mut Net, condition: u16, sum: u16, depth: usize) {
    match depth {
        0 => add(net, sum, 1.0),
        1 => net.branch(condition, |net| nested(net, condition, sum, 0), |_| ()),
        _ => net.repeat(condition, 3, |net| {
            nested(net, condition, sum, depth - 1);
            add(net, sum, 1000.0);
        }),
    }
}

#[test]
fn blocks_nest_as_deep_as_the_format_allows() {
    for depth in 1..=MAX_DEPTH + 1 {
        let mut net = Net::new();
        let condition = truth(&mut net);
        let sum = net.arena(DType::F32, &[]);
        nested(&mut net, condition, sum, depth);
        let blob = net.finish(&[sum], &[sum]);
        if depth > MAX_DEPTH {
            assert_eq!(check(&blob).err(), Some(CheckError::Format(FormatError::Limit)));
            continue;
        }
        // Once per repetition of the innermost loop, and once per repetition of each loop.
        let trips = |level: usize| 3u32.pow(level as u32);
        let expected = trips(depth - 1) + 1000 * (1..depth).map(trips).sum::<u32>();
        assert_eq!(float(&run(&blob, &[&[0; 4]])), expected as f32, "depth {depth}");
    }
}

/// Subgraph 0: `state = state + x`. Subgraph 1: `state = state + 1000`.
fn accumulator() -> AlignedBuf {
    let mut net = Net::new();
    let initial = net.f32s(&[], &[0.5]);
    let state = net.state(DType::F32, &[], initial);
    let zeros = net.state(DType::F32, &[], NONE);
    let x = net.arena(DType::F32, &[]);
    let attrs = ops::binary::AttrsF32 { clamp: Clamp { min: -1e9, max: 1e9 } }.encode();
    net.op(&ops::add::F32, &[state, x], &[state], &attrs);
    net.in_place();
    add(&mut net, zeros, 1.0);
    net.subgraph(&[x], &[state, zeros]);
    add(&mut net, state, 1000.0);
    net.finish(&[], &[])
}

#[test]
fn state_lives_between_calls_until_a_reset() {
    let blob = accumulator();
    let model = check(&blob).unwrap();
    assert!(model.has_state());
    // Memory that was used for something else.
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    arena.fill(0x7F);
    let mut session = Session::new(&model, &mut arena).unwrap();
    let add = |session: &mut Session<'_, '_>, x: f32| {
        let outputs = call(session, &[&x.to_le_bytes()]);
        (float(&outputs), float(&outputs[1..]))
    };
    assert_eq!(add(&mut session, 2.0), (2.5, 1.0));
    assert_eq!(add(&mut session, 3.0), (5.5, 2.0));
    session.reset();
    assert_eq!(add(&mut session, 1.0), (1.5, 1.0));
    // The other entry point works on the same state.
    session.begin(1).unwrap();
    assert_eq!(session.step(), Ok(Progress::Ran { step: 2 }));
    assert_eq!(session.step(), Ok(Progress::Done));
    assert_eq!(add(&mut session, 0.0), (1001.5, 2.0));
    assert_eq!(session.begin(2), Err(InvokeError::NoSuch { index: 2 }));
}

#[test]
fn steps_run_one_by_one_in_program_order() {
    let blob = counter(2);
    let model = check(&blob).unwrap();
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    let mut session = Session::new(&model, &mut arena).unwrap();
    session.input_bytes_mut(0).unwrap().copy_from_slice(&[1, 1, 1, 0, 0, 0]);
    session.input_mut::<f32>(1).unwrap()[0] = 0.0;
    let mut ran = Vec::new();
    while let Progress::Ran { step } = session.step().unwrap() {
        ran.push(step);
    }
    assert_eq!(ran, [0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 6]);
    assert_eq!(session.step(), Ok(Progress::Done), "done is done");
    assert_eq!(session.output::<f32>(0), Ok(&[102.0][..]));

    // Stopping in the middle and beginning again leaves no open block behind.
    session.begin(0).unwrap();
    for _ in 0..4 {
        session.step().unwrap();
    }
    session.input_bytes_mut(0).unwrap().copy_from_slice(&[1, 1, 1, 0, 0, 0]);
    session.input_mut::<f32>(1).unwrap()[0] = 0.0;
    session.invoke().unwrap();
    assert_eq!(session.output::<f32>(0), Ok(&[102.0][..]));
}

#[test]
fn an_observer_sees_operators_begin_and_end() {
    #[derive(Default)]
    struct Log(Vec<(bool, u16)>);
    impl Observer for Log {
        fn begin(&mut self, step: u16) {
            self.0.push((true, step));
        }
        fn end(&mut self, step: u16) {
            self.0.push((false, step));
        }
    }
    let blob = accumulator();
    let model = check(&blob).unwrap();
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    let mut session = Session::new(&model, &mut arena).unwrap();
    let mut log = Log::default();
    session.invoke_observed(&mut log).unwrap();
    assert_eq!(log.0, [(true, 0), (false, 0), (true, 1), (false, 1)]);
}

#[test]
fn inputs_and_outputs_are_typed_and_counted() {
    let blob = accumulator();
    let model = check(&blob).unwrap();
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    let mut session = Session::new(&model, &mut arena).unwrap();
    assert_eq!((model.input_count(), model.output_count()), (1, 2));
    assert_eq!(session.input_mut::<i8>(0), Err(InvokeError::Type { index: 0 }));
    assert_eq!(session.input_mut::<f32>(1), Err(InvokeError::NoSuch { index: 1 }));
    assert_eq!(session.output::<i32>(1), Err(InvokeError::Type { index: 1 }));
    assert_eq!(session.output::<f32>(2), Err(InvokeError::NoSuch { index: 2 }));
    assert_eq!(session.tensor_bytes(0), Some(&0.5f32.to_le_bytes()[..]), "a constant");
    assert_eq!(session.tensor_bytes(99), None);
}

#[test]
fn a_session_needs_enough_aligned_memory() {
    let blob = accumulator();
    let model = check(&blob).unwrap();
    let needed = model.arena_len();
    let mut arena = AlignedBuf::zeroed(needed + 16);
    let refusal = |memory: &mut [u8]| Session::new(&model, memory).err();
    assert_eq!(refusal(&mut arena[..needed]), None);
    assert_eq!(refusal(&mut arena[8..]), Some(SessionError::ArenaMisaligned));
    let (needed, available) = (needed as u32, needed as u32 - 1);
    let small = SessionError::ArenaTooSmall { needed, available };
    assert_eq!(refusal(&mut arena[..available as usize]), Some(small));
}

#[test]
fn a_model_names_the_step_that_it_cannot_run() {
    let mut net = Net::new();
    let x = net.arena(DType::F32, &[2]);
    let y = net.arena(DType::F32, &[2]);
    net.op(&ops::relu::F32, &[x], &[y], &[]);
    net.subgraph(&[x], &[y]);
    net.place();
    let refusal = |edit: fn(&mut Builder)| {
        let mut net = net.clone();
        edit(&mut net.out);
        check(&net.bytes()).err()
    };
    assert_eq!(refusal(|_| ()), None);
    let missing = |code, variant| Some(CheckError::OpMissing { step: 0, code, variant });
    assert_eq!(refusal(|b| b.steps[0].code = 999), missing(999, 2));
    assert_eq!(refusal(|b| b.steps[0].variant = 4), missing(19, 4));
    let isa = smidge::format::Isa::CortexM4;
    assert_eq!(refusal(|b| b.isa = smidge::format::Isa::CortexM4), Some(CheckError::Isa { isa }));
}
