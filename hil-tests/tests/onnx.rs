//! Single ONNX operators, where their cases are installed.

use smidge_hil_tests::onnx::{Verdict, cases};

#[test]
fn no_operator_gives_wrong_numbers_and_most_run() {
    let Some(cases) = cases().expect("the index can be read") else {
        println!("skipped: the cases are not installed (set SMIDGE_MODELS to the models' folder)");
        return;
    };
    let (mut equal, mut wrong) = (0, Vec::new());
    for case in &cases {
        match case.run().unwrap_or_else(Verdict::Wrong) {
            Verdict::Equal => equal += 1,
            Verdict::Wrong(why) => wrong.push(format!("{}: {why}", case.name)),
            Verdict::Refused(why) => assert!(!why.is_empty(), "{}", case.name),
        }
    }
    println!("ONNX operators: {equal} of {} equal", cases.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(equal >= 340, "{equal} of {} are equal", cases.len());
}
