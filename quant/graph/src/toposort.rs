//! Execution order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::{Graph, GraphError};

impl Graph {
    /// An order of [`Graph::nodes`], as indices, in which every tensor is produced before it is
    /// read.
    ///
    /// Stable: of the nodes that could come next, the one listed first does, so an order that is
    /// already right is returned unchanged. Takes time in O(n log n) of the connections.
    ///
    /// # Errors
    ///
    /// [`GraphError::Cycle`] names the nodes of one cycle.
    pub fn toposort(&self) -> Result<Vec<usize>, GraphError> {
        let producers = self.producers();
        let consumers = self.consumers();
        let mut waiting: Vec<usize> = vec![0; self.nodes.len()];
        for (tensor, readers) in consumers.iter().enumerate() {
            if producers[tensor].is_some() {
                readers.iter().for_each(|&reader| waiting[reader] += 1);
            }
        }

        let mut ready: BinaryHeap<Reverse<usize>> =
            (0..self.nodes.len()).filter(|&node| waiting[node] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(Reverse(node)) = ready.pop() {
            order.push(node);
            let outputs = self.nodes[node].outputs.iter();
            // A tensor listed twice or produced twice must not release its readers twice.
            let mine = outputs.filter(|id| producers.get(id.index()) == Some(&Some(node)));
            let mut released: Vec<usize> = mine.map(|id| id.index()).collect();
            released.sort_unstable();
            released.dedup();
            for &reader in released.iter().flat_map(|&tensor| &consumers[tensor]) {
                waiting[reader] -= 1;
                if waiting[reader] == 0 {
                    ready.push(Reverse(reader));
                }
            }
        }

        if order.len() == self.nodes.len() {
            Ok(order)
        } else {
            Err(GraphError::Cycle { nodes: self.name_cycle(&waiting, &producers) })
        }
    }

    /// Puts [`Graph::nodes`] into execution order. Returns whether anything moved.
    ///
    /// # Errors
    ///
    /// As [`Graph::toposort`]; the graph is then unchanged.
    pub fn sort_nodes(&mut self) -> Result<bool, GraphError> {
        let order = self.toposort()?;
        if order.is_sorted() {
            return Ok(false);
        }
        let mut nodes: Vec<_> = std::mem::take(&mut self.nodes).into_iter().map(Some).collect();
        self.nodes = order.iter().filter_map(|&index| nodes[index].take()).collect();
        Ok(true)
    }

    /// Labels of one cycle among the nodes that still wait: follows, from any of them, an operand
    /// whose producer waits too, until a node comes up again.
    fn name_cycle(&self, waiting: &[usize], producers: &[Option<usize>]) -> Vec<String> {
        let upstream = |node: usize| {
            let inputs = self.nodes[node].present_inputs();
            let sources = inputs.filter_map(|id| producers.get(id.index()).copied().flatten());
            sources.into_iter().find(|&source| waiting[source] > 0)
        };
        let mut seen = vec![false; self.nodes.len()];
        let mut path = Vec::new();
        let mut next = waiting.iter().position(|&count| count > 0);
        while let Some(node) = next {
            if seen[node] {
                path.drain(..path.iter().position(|&other| other == node).unwrap_or(0));
                break;
            }
            seen[node] = true;
            path.push(node);
            next = upstream(node);
        }
        path.iter().rev().map(|&node| self.nodes[node].label()).collect()
    }
}
