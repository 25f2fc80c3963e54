//! Runs the installed cases of single ONNX operators on this machine and prints what came of them:
//! `cargo xtask onnx-nodes`. Fails if a result is wrong or fewer than `--at-least` are equal.

#![forbid(unsafe_code)]

use clap::Parser;
use smidge_hil_tests::onnx::{Verdict, cases};
use std::process::ExitCode;

/// Cases of single ONNX operators.
#[derive(Parser)]
struct Args {
    /// Only cases whose name contains this.
    filter: Option<String>,
    /// How many cases have to be equal.
    #[arg(long, default_value_t = 0)]
    at_least: usize,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<bool, String> {
    let Some(cases) = cases()? else {
        println!("skipped: the cases are not installed (set SMIDGE_MODELS to the models' folder)");
        return Ok(true);
    };
    let chosen = |name: &str| args.filter.as_ref().is_none_or(|text| name.contains(text.as_str()));
    let (mut equal, mut wrong, mut refused) = (0, 0, 0);
    for case in cases.iter().filter(|case| chosen(&case.name)) {
        let verdict = case.run().unwrap_or_else(Verdict::Wrong);
        match verdict {
            Verdict::Equal => equal += 1,
            Verdict::Wrong(why) => {
                wrong += 1;
                println!("wrong    {}: {why}", case.name);
            }
            Verdict::Refused(why) => {
                refused += 1;
                println!("refused  {}: {}", case.name, why.replace('\n', " "));
            }
        }
    }
    println!("{} cases: {equal} equal, {wrong} wrong, {refused} refused", equal + wrong + refused);
    Ok(wrong == 0 && equal >= args.at_least)
}
