//! What the number of a form says: how the input is read, and how accumulators become bytes.

/// How a kernel reads the elements of the windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Collects the windows of four pixels, element by element: right for every geometry.
    Gather,
    /// Reads the input itself: windows of one element, all inside the image.
    Direct,
    /// Copies a band of the input with its padding once, and reads rows of a window from there.
    Band,
    /// As `Band`, and then copies the windows of four pixels: for windows with short rows.
    Copy,
}

/// How accumulators are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// By the definition of double rounding.
    Double,
    /// By the definition of single rounding.
    Single,
    /// Double rounding where every factor is below 1/2: ties away from zero, no left shift.
    Away,
    /// SQRDMULH and SRSHL: ties upwards. Proved equal to double rounding.
    Up,
    /// SQDMULH and SRSHL: rounded down, then ties upwards. Proved equal to single rounding.
    Floor,
}

/// A form of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// How the input is read.
    pub access: Access,
    /// How accumulators are scaled.
    pub scale: Scale,
    /// Whether scaled values fit 16 bits, the output's zero point is -128 and its bounds are those
    /// of the type: they are narrowed without saturation, then with unsigned saturation.
    pub narrow: bool,
    /// Whether two products of weights may not fit 16 bits, so that each is added alone.
    pub wide: bool,
}

impl Form {
    /// Its number: bits 0 to 2 scale, bit 3 narrow, bits 4 and 5 access, bit 6 wide.
    #[cfg(feature = "pack")]
    pub const fn id(self) -> u8 {
        self.scale as u8
            | (self.narrow as u8) << 3
            | (self.access as u8) << 4
            | (self.wide as u8) << 6
    }

    /// The form of a number, if there is one.
    pub const fn of(id: u8) -> Option<Self> {
        let scale = match id & 7 {
            0 => Scale::Double,
            1 => Scale::Single,
            2 => Scale::Away,
            3 => Scale::Up,
            4 => Scale::Floor,
            _ => return None,
        };
        let access = match id >> 4 & 3 {
            0 => Access::Gather,
            1 => Access::Direct,
            2 => Access::Band,
            _ => Access::Copy,
        };
        if id >> 7 != 0 {
            return None;
        }
        Some(Self { access, scale, narrow: id >> 3 & 1 != 0, wide: id >> 6 & 1 != 0 })
    }
}

#[cfg(all(test, feature = "pack"))]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_form() {
        let known = (0..=255).filter_map(|id| Some((id, Form::of(id)?)));
        assert_eq!(known.clone().count(), 5 * 2 * 4 * 2);
        assert!(known.clone().all(|(id, form)| form.id() == id));
    }
}
