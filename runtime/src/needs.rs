//! What a model needs of the firmware that contains it, as source text.

use crate::model::Model;
use crate::op::{Op, OpCode, Variant};
use crate::ops::{fully_connected, packed};
use core::fmt;
use smidge_format::attrs::Reader;
use smidge_format::{Flow, Step};

/// Operators as a Rust expression, see [`Model::ops`].
#[derive(Clone, Copy)]
pub(crate) struct Needs<'a, 'm>(pub(crate) &'a Model<'m>);

impl Needs<'_, '_> {
    fn steps(&self) -> impl Iterator<Item = Step> {
        let blob = self.0.blob();
        let steps = (0..blob.step_count() as u16).filter_map(|index| blob.step(index));
        steps.filter(|step| step.flow == Flow::Operator)
    }

    /// The forms of its kernel that an operator is used in, as bits.
    fn forms(&self, op: &Op) -> u32 {
        let steps = self.steps().filter(|step| self.0.find(step).is_some_and(|it| it.is(op)));
        let forms = steps.filter_map(|step| {
            let attrs = Reader::new(self.0.blob().step_attrs(&step));
            match op.code {
                OpCode::FullyConnected => {
                    fully_connected::AttrsPacked::decode(attrs).ok().map(|attrs| attrs.form)
                }
                _ => packed::Attrs::decode(attrs).ok().map(|attrs| attrs.form),
            }
        });
        forms.fold(0, |bits, form| bits | 1 << form.min(31))
    }
}

impl fmt::Display for Needs<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_used =
            |op: &&Op| self.steps().any(|step| self.0.find(&step).is_some_and(|it| it.is(op)));
        f.write_str("[")?;
        for (index, op) in self.0.listed().iter().filter(is_used).enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            f.write_str("::smidge::ops::")?;
            match op.variant {
                Variant::S8Packed => {
                    module(op, f)?;
                    write!(f, "::s8_packed::<{:#b}>()", self.forms(op))?;
                }
                _ => path(op, f)?,
            }
        }
        f.write_str("]")
    }
}

/// Where an operator is: `CONV_2D` in its variant `S8` is the constant `S8` of the module `conv_2d`.
fn path(op: &Op, f: &mut impl fmt::Write) -> fmt::Result {
    module(op, f)?;
    write!(f, "::{}", op.variant.name())
}

fn module(op: &Op, f: &mut impl fmt::Write) -> fmt::Result {
    op.code.name().chars().try_for_each(|c| f.write_char(c.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::format;
    use std::string::String;

    #[test]
    fn every_operator_has_the_path_that_is_written() {
        let list = include_str!("ops/mod.rs");
        for op in crate::ops::ALL {
            let mut path = String::new();
            super::path(op, &mut path).unwrap();
            assert!(list.contains(&format!("    {path},\n")), "{path}");
        }
    }
}
