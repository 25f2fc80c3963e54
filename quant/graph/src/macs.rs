//! Cost in multiply-accumulate operations.

use crate::{Graph, Node, Op};

impl Graph {
    /// Multiply-accumulates of one node: those of convolutions and fully connected layers, 0 for
    /// every other operator. Saturates.
    ///
    /// A node whose operands are absent, out of range or of a rank that makes no sense counts 0:
    /// this is a report, not a check.
    pub fn node_macs(&self, node: &Node) -> u64 {
        let shape = |id: Option<crate::TensorId>| {
            id.and_then(|id| self.tensors.get(id.index())).map_or(&[][..], |t| &t.shape)
        };
        let output = shape(node.outputs.first().copied());
        let weights = shape(node.input(1));
        match (&node.op, weights) {
            (Op::Conv2d(_), &[_, rows, columns, channels]) => {
                product(output).saturating_mul(product(&[rows, columns, channels]))
            }
            (Op::DepthwiseConv2d(_), &[_, rows, columns, _]) => {
                product(output).saturating_mul(product(&[rows, columns]))
            }
            (Op::FullyConnected(_), &[_, depth]) => {
                product(output).saturating_mul(product(&[depth]))
            }
            _ => 0,
        }
    }

    /// Multiply-accumulates of the whole graph: the sum of [`Graph::node_macs`].
    pub fn macs(&self) -> u64 {
        self.nodes.iter().fold(0, |sum, node| sum.saturating_add(self.node_macs(node)))
    }
}

fn product(shape: &[usize]) -> u64 {
    shape.iter().fold(1, |product: u64, &extent| product.saturating_mul(extent as u64))
}
