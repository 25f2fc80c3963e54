//! Why a node cannot be lowered, with what to do about it.

use std::fmt;

/// A node that smidge cannot run, or not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable code.
    pub code: &'static str,
    /// The node, by operator, number and name.
    pub node: String,
    /// The operator.
    pub op: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}\n  help: {}", self.code, self.node, self.reason, self.remedy)
    }
}

/// Everything that keeps a model from being converted.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.problems))]
pub struct LowerError {
    /// One entry for each node.
    pub problems: Vec<Problem>,
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// A [`Problem`] before the node is known.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub(super) code: &'static str,
    pub(super) reason: String,
    pub(super) remedy: String,
}

impl Refusal {
    fn new(code: &'static str, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), remedy: remedy.into() }
    }

    /// The operator is not known.
    pub(super) fn operator(name: &str, reason: &str) -> Self {
        let remedy = format!(
            "rewrite the network without {name} (the README's table lists what runs), or run this \
             part outside the model"
        );
        let reason = if reason.is_empty() { "operator is not supported" } else { reason };
        Self::new("E0501", reason, remedy)
    }

    /// Element types that the operator does not take.
    pub(super) fn types(found: &str) -> Self {
        Self::new(
            "E0502",
            format!("element types {found} are not supported here"),
            "quantize the model to int8 with per-channel weights, or keep it float32",
        )
    }

    /// An attribute that is not supported.
    pub(super) fn attribute(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new("E0503", reason, remedy)
    }

    /// An operand that must be a constant.
    pub(super) fn not_constant(what: &str) -> Self {
        Self::new(
            "E0504",
            format!("{what} is computed at run time"),
            "make it a constant: shapes and positions are fixed when a model is converted",
        )
    }

    /// Scale or zero point are missing or wrong.
    pub(super) fn quantization(reason: impl Into<String>) -> Self {
        Self::new(
            "E0505",
            reason,
            "convert the model again with the TFLite converter's full-integer quantization",
        )
    }

    /// Shapes that contradict each other, or are too large.
    pub(super) fn shape(reason: impl Into<String>) -> Self {
        Self::new(
            "E0506",
            reason,
            "the file contradicts itself: export the model again with fixed shapes",
        )
    }

    /// Accumulators that could overflow.
    pub(super) fn sums(channel: usize, largest: i64, limit: i64) -> Self {
        Self::new(
            "E0508",
            format!("the sum of output channel {channel} can reach {largest}, above {limit}"),
            "use smaller weights or a smaller bias, or split the layer into several",
        )
    }

    /// A refusal of a node of a subgraph.
    pub(super) fn inside(problem: &Problem) -> Self {
        let reason = format!("in its subgraph, {}: {}", problem.node, problem.reason);
        Self::new(problem.code, reason, problem.remedy.as_str())
    }

    /// Something of the graph around nodes.
    pub(super) fn graph(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new("E0507", reason, remedy)
    }
}
