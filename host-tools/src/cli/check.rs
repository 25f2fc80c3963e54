//! `smidge check`.

use super::{Failure, say};
use serde_json::json;
use smidge_tools::import::import_with;
use smidge_tools::lower::{Options, Problem, lower};
use smidge_tools::passes;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The trained model.
    model: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    onnx: super::onnx::Args,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut imported = import_with(&args.model, &args.onnx.options()?).map_err(Failure::input)?;
    passes::run_all(&mut imported.model);
    let problems = match lower(&imported.model, &Options::default()) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems,
    };
    if args.json {
        let report = json!({
            "supported": problems.is_empty(),
            "problems": problems.iter().map(as_json).collect::<Vec<_>>(),
            "warnings": imported.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        });
        let text = serde_json::to_string_pretty(&report).map_err(Failure::other)?;
        say(format_args!("{text}\n"));
    } else {
        imported.warnings.iter().for_each(|warning| say(format_args!("warning: {warning}\n")));
        problems.iter().for_each(|problem| say(format_args!("{problem}\n")));
    }
    let model = args.model.display();
    if problems.is_empty() {
        if !args.json {
            say(format_args!("{model}: everything is supported\n"));
        }
        return Ok(());
    }
    Err(Failure::Input(format!(
        "E0500: {model}: {} of its parts are not supported\n  help: see the list above",
        problems.len()
    )))
}

fn as_json(problem: &Problem) -> serde_json::Value {
    let Problem { code, node, op, reason, remedy } = problem;
    json!({ "code": code, "node": node, "op": op, "reason": reason, "remedy": remedy })
}
