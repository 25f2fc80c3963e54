//! What came of a rack of boards, as JUnit XML for machines and as Markdown for people.

use crate::cycles::{self, Record};
use crate::suite::{Outcome, Part, Results, Verdict};
use std::fmt::Write;

/// One `testsuite` for each board, one `testcase` for each case; kernels are one for each part.
pub fn junit(all: &[Results]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for results in all {
        let skipped = results.outcomes.iter().filter(|o| matches!(o.verdict, Verdict::Unfit(_)));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3}\">",
            escaped(&results.board),
            results.outcomes.len(),
            results.bad().count(),
            skipped.count(),
            results.time.as_secs_f64()
        );
        results.outcomes.iter().for_each(|outcome| test_case(&mut out, &results.board, outcome));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn test_case(out: &mut String, board: &str, outcome: &Outcome) {
    let class = format!("{board}.{}", outcome.part.name());
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.6}\"",
        escaped(&class),
        escaped(&outcome.name),
        outcome.time.as_secs_f64()
    );
    let _ = match &outcome.verdict {
        Verdict::Passed => writeln!(out, "/>"),
        Verdict::Failed(why) | Verdict::NotRun(why) => {
            writeln!(out, "><failure message=\"{}\"/></testcase>", escaped(why))
        }
        Verdict::Unfit(why) => {
            writeln!(out, "><skipped message=\"{}\"/></testcase>", escaped(why))
        }
    };
}

/// A text as an attribute's value. Characters that XML does not have become question marks.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c < ' ' || matches!(c, '\u{7F}' | '\u{FFFE}' | '\u{FFFF}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

/// A row for each board, cycles of networks, and what failed.
pub fn markdown(all: &[Results], record: &Record) -> String {
    let mut out =
        String::from("# The suite on boards\n\n| board | core | passed | failed | no room |");
    for part in Part::ALL {
        let _ = write!(out, " {} |", part.name());
    }
    out.push_str(" recoveries | s |\n|---|---|---:|---:|---:|");
    out.push_str(&"---:|".repeat(Part::ALL.len() + 2));
    out.push('\n');
    for results in all {
        let (bad, unfit) = (results.bad().count(), results.unfit());
        let total: usize = results.outcomes.iter().map(|outcome| outcome.cases).sum();
        let passed = total.saturating_sub(bad + unfit);
        let _ = write!(out, "| {} | {} | {passed} | {bad} | {unfit} |", results.board, results.isa);
        for part in Part::ALL {
            let _ = match (results.cases(part), results.runs(part)) {
                (cases, runs) if runs > cases => write!(out, " {cases} ({runs}) |"),
                (cases, _) => write!(out, " {cases} |"),
            };
        }
        let _ = writeln!(out, " {} | {} |", results.recovered(), results.time.as_secs());
    }
    out.push_str(
        "\nColumns of parts are cases, which are the same on every board; in parentheses how often \
         something ran for them: forms of kernels that the core has, samples of models.\n",
    );
    let Differences { named, unexplained } = differences(all);
    if !named.is_empty() || !unexplained.is_empty() {
        out.push_str("\n## Differences between boards\n\n");
    }
    named.iter().chain(&unexplained).for_each(|line| {
        let _ = writeln!(out, "- {line}");
    });
    out.push_str(&cycles_table(all, record));
    out.push_str(&failures(all));
    out
}

/// Measured cycles beside modelled ones.
fn cycles_table(all: &[Results], record: &Record) -> String {
    let mut out = String::from(
        "\n## Cycles of one inference\n\n| board | network | measured | modelled | measured / \
         modelled | instructions |\n|---|---|---:|---:|---:|---:|\n",
    );
    let number = |value: Option<u64>| value.map_or("–".to_owned(), |value| value.to_string());
    for results in all {
        for model in cycles::names() {
            let measured = results.cycles.iter().find(|(name, _)| name == model);
            let measured = measured.map(|(_, cycles)| *cycles);
            let row = record.row(&results.isa, model);
            if measured.is_none() && row.is_none() {
                continue;
            }
            let modelled = row.and_then(|row| row.cycles_modelled);
            let ratio = measured.zip(modelled).map(|(a, b)| a as f64 / b.max(1) as f64);
            let ratio = ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
            let instructions = number(row.map(|row| row.instructions));
            let _ = writeln!(
                out,
                "| {} | {model} | {} | {} | {ratio} | {instructions} |",
                results.board,
                number(measured),
                number(modelled)
            );
        }
    }
    out.push_str("\nInstructions and modelled cycles are those of the benchmark record.\n");
    out
}

/// Where boards have other numbers of cases than the others. The suite is the same on all; what is
/// missing somewhere has to have one of two reasons, and is then named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Those with a reason.
    pub named: Vec<String>,
    /// Those without.
    pub unexplained: Vec<String>,
}

/// Compares the boards' numbers of cases.
pub fn differences(all: &[Results]) -> Differences {
    let mut differences = Differences::default();
    for part in Part::ALL {
        let most = all.iter().map(|results| results.cases(part)).max().unwrap_or(0);
        for results in all.iter().filter(|results| results.cases(part) > 0) {
            let unfit = results.of(part).filter(|o| matches!(o.verdict, Verdict::Unfit(_)));
            let (unfit, cases, name) = (unfit.count(), results.cases(part), part.name());
            let kernels = matches!(part, Part::Kernels | Part::Layers);
            let board = &results.board;
            let named = match unfit {
                0 if cases < most && kernels && results.isa == "portable" => Some(format!(
                    "{board}: {cases} of {most} {name}: its core has no kernels with packed weights"
                )),
                0 => None,
                _ if kernels => Some(format!("{board}: no room for the program of the {name}")),
                _ => Some(format!("{board}: no room for {unfit} of {cases} {name}")),
            };
            if cases < most && (named.is_none() || !kernels) {
                let line = format!("{board}: {cases} {name}, where other boards have {most}");
                differences.unexplained.push(line);
            }
            differences.named.extend(named);
        }
    }
    differences
}

fn failures(all: &[Results]) -> String {
    let mut out = String::new();
    for results in all {
        let mut bad = results.bad().peekable();
        if bad.peek().is_some() {
            let _ = writeln!(out, "\n## What failed on {}\n", results.board);
        }
        for (outcome, why) in bad.take(50) {
            let why = why.replace('\n', "; ").replace('|', "\\|");
            let _ = writeln!(out, "- {}, {}: {why}", outcome.part.name(), outcome.name);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn results() -> Results {
        let outcome = |name: &str, verdict| Outcome {
            part: Part::Operators,
            name: name.into(),
            cases: 1,
            runs: 2,
            verdict,
            time: Duration::from_millis(5),
            recovered: false,
        };
        Results {
            board: "nucleo".into(),
            isa: "cortex-m4".into(),
            outcomes: vec![
                outcome("a", Verdict::Passed),
                outcome("b \"<&>\"", Verdict::Failed("1 < 2\nand \u{1}".into())),
                outcome("c", Verdict::Unfit("no room".into())),
                outcome("d", Verdict::NotRun("lost".into())),
            ],
            time: Duration::from_secs(3),
            emulated: false,
            cycles: vec![("fashion".into(), 1_000)],
        }
    }

    #[test]
    fn junit_counts_and_escapes() {
        let xml = junit(&[results()]);
        assert!(xml.contains("tests=\"4\" failures=\"2\" skipped=\"1\" time=\"3.000\""), "{xml}");
        assert!(xml.contains("name=\"b &quot;&lt;&amp;&gt;&quot;\""), "{xml}");
        assert!(xml.contains("<failure message=\"1 &lt; 2&#10;and ?\"/>"), "{xml}");
        assert!(xml.contains("<skipped message=\"no room\"/>"), "{xml}");
        assert_eq!(xml.matches("<testcase").count(), 4);
    }

    #[test]
    fn other_numbers_of_cases_are_named_or_found() {
        let with = |board: &str, isa: &str, part, cases, verdict| Results {
            board: board.into(),
            isa: isa.into(),
            outcomes: vec![Outcome {
                part,
                name: part.name().into(),
                cases,
                runs: cases,
                verdict,
                time: Duration::ZERO,
                recovered: false,
            }],
            ..Results::default()
        };
        let passed = |board, isa, cases| with(board, isa, Part::Kernels, cases, Verdict::Passed);
        let all = [passed("a", "cortex-m4", 9), passed("b", "cortex-m0", 9)];
        assert_eq!(differences(&all), Differences::default());
        let small = Verdict::Unfit("no room".into());
        let small = with("small", "cortex-m0", Part::Kernels, 1, small);
        let all = [passed("a", "cortex-m4", 9), passed("old", "portable", 5), small];
        let found = differences(&all);
        assert_eq!((found.named.len(), found.unexplained.len()), (2, 0), "{found:?}");
        let fewer = [passed("a", "cortex-m4", 9), passed("b", "cortex-m0", 8)];
        let found = differences(&fewer);
        assert_eq!(found.unexplained, ["b: 8 kernels, where other boards have 9"]);
        let operators = |cases| with("c", "portable", Part::Operators, cases, Verdict::Passed);
        assert_eq!(differences(&[operators(3), operators(2)]).unexplained.len(), 1);
    }

    #[test]
    fn markdown_has_measured_beside_modelled() {
        let text = markdown(&[results()], &Record::read().unwrap());
        assert!(text.contains("| nucleo | cortex-m4 | 1 | 2 | 1 |"), "{text}");
        let row = text.lines().find(|line| line.starts_with("| nucleo | fashion | 1000 |"));
        assert!(row.is_some_and(|row| row.split('|').count() == 8), "{text}");
        assert!(text.contains("- operators, d: lost"), "{text}");
    }
}
