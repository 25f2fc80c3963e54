//! `smidge convert`.

use super::{Failure, say, write_file};
use clap::ValueEnum;
use smidge_format::Isa;
use smidge_kernels::Cpu;
use smidge_tools::convert::{Converted, convert_with};
use smidge_tools::emit::Labels;
use smidge_tools::lower::{Channels, Options, Rounding};
use smidge_tools::pack::Limits;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The trained model: a .tflite or .onnx file.
    model: PathBuf,
    /// Where the blob goes.
    #[arg(short, long, value_name = "OUT.smg")]
    output: PathBuf,
    /// The core to pack weights for: `portable` runs everywhere.
    #[arg(long, default_value = "portable", value_name = "NAME")]
    isa: String,
    /// Flash that the weights of a layer may take, in percent of what they take in the
    /// source: more lets some kernels be faster (weights widened or transformed before).
    #[arg(long, default_value_t = Limits::default().flash_percent, value_name = "PERCENT")]
    flash: u32,
    /// Scratch memory that a layer may take.
    #[arg(long, value_name = "BYTES")]
    scratch: Option<usize>,
    /// Print the forms that each layer's kernel could have: flash, scratch, instructions.
    #[arg(long)]
    forms: bool,
    /// Whose rounding to reproduce where the two differ.
    #[arg(long, value_enum, default_value_t = RoundingArg::Tflite)]
    rounding: RoundingArg,
    /// Channels that nothing reads: removed by default unless the core is `portable`.
    #[arg(long, value_enum)]
    channels: Option<ChannelsArg>,
    /// Store the weights of float layers as float16: half the bytes, and 11 bits of precision.
    #[arg(long)]
    float16: bool,
    /// Leave out names and the scales of weights.
    #[arg(long)]
    strip: bool,
    /// A text file with a class name on each line, stored in the blob.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// The model's licence, stored in the blob.
    #[arg(long, value_name = "TEXT")]
    license: Option<String>,
    #[command(flatten)]
    onnx: super::onnx::Args,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoundingArg {
    /// TensorFlow Lite's reference kernels.
    Tflite,
    /// TensorFlow Lite Micro.
    Tflm,
}

/// The core of this machine: the last that it has the kernels for.
fn host_isa() -> Option<Isa> {
    let cpu = Cpu::detect();
    let runs = |isa: &Isa| smidge::family(*isa).is_some_and(|family| cpu.runs(family));
    Isa::ALL.into_iter().rev().find(runs)
}

#[derive(Clone, Copy, ValueEnum)]
enum ChannelsArg {
    /// Keep every channel, so that tensors line up with the source.
    Keep,
    /// Remove those that nothing reads, and constant ones; outputs stay the same.
    Drop,
}

/// The core that `--isa` names.
fn parse_isa(name: &str) -> Result<Isa, Failure> {
    let names: Vec<_> = Isa::ALL.iter().map(|isa| isa.name()).collect();
    match Isa::ALL.iter().find(|isa| isa.name() == name) {
        Some(isa) => Ok(*isa),
        None if name == "host" => host_isa().ok_or_else(|| {
            Failure::Input(
                "E0511: there are no kernels for this machine's processor\n  help: use --isa portable, \
                 which runs on every core"
                    .into(),
            )
        }),
        None => Err(Failure::Input(format!(
            "E0512: unknown core `{name}`\n  help: one of host, {}",
            names.join(", ")
        ))),
    }
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let isa = parse_isa(&args.isa)?;
    let rounding = match args.rounding {
        RoundingArg::Tflite => Rounding::Tflite,
        RoundingArg::Tflm => Rounding::Tflm,
    };
    let packing = Limits {
        flash_bytes: None,
        flash_percent: args.flash,
        scratch_bytes: args.scratch.unwrap_or(Limits::default().scratch_bytes),
    };
    let channels = match args.channels {
        None => Channels::Auto,
        Some(ChannelsArg::Keep) => Channels::Keep,
        Some(ChannelsArg::Drop) => Channels::Drop,
    };
    let options = Options { rounding, packing, channels, float16: args.float16 };
    let mut labels = Labels { strip: args.strip, ..Labels::default() };
    if let Some(license) = &args.license {
        labels.metadata.push(("license".into(), license.clone()));
    }
    if let Some(file) = &args.labels {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let file = file.display();
            Failure::Input(format!("E0613: {file}: {error}\n  help: give a UTF-8 text file"))
        })?;
        labels.metadata.push(("labels".into(), text.trim_end().into()));
    }
    let converted = convert_with(&args.model, &args.onnx.options()?, isa, &options, &labels)
        .map_err(Failure::input)?;
    for warning in &converted.warnings {
        eprintln!("warning: {warning}");
    }
    write_file(&args.output, &converted.bytes)?;
    if args.forms {
        converted.packed.iter().for_each(|packed| say(format_args!("{packed}\n")));
    }
    print_summary(args, &converted);
    Ok(())
}

fn print_summary(args: &Args, converted: &Converted) {
    let program = &converted.program;
    let mut counts: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for step in &program.steps {
        let entry = counts.entry(step.code.name()).or_default();
        entry.0 += 1;
        entry.1 += step.macs;
    }
    say(format_args!("{:<20} {:>5} {:>12}\n", "operator", "count", "MACs"));
    for (name, (count, macs)) in counts {
        say(format_args!("{name:<20} {count:>5} {macs:>12}\n"));
    }
    say(format_args!(
        "\n{}: {} bytes of flash\narena: {} bytes of RAM (at least {} for these tensors), MACs: {}\n",
        args.output.display(),
        converted.bytes.len(),
        converted.plan.arena_len,
        converted.plan.lower_bound,
        program.macs()
    ));
    let removed = &converted.removed;
    if removed.channels > 0 {
        say(format_args!(
            "{} channels that nothing reads are removed: {} of these MACs are left\n",
            removed.channels,
            program.live_macs()
        ));
    }
}
