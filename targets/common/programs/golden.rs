//! Networks of one operator each, and the checksum of what they give: the same on every machine.

use smidge::{Model, Session, include_blob, ops};

/// A network and its checksum.
pub struct Case {
    /// The blob.
    pub blob: &'static [u8],
    /// The checksum of its outputs.
    pub golden: u32,
}

macro_rules! case {
    ($name:literal, $golden:literal) => {
        Case {
            blob: include_blob!(concat!("../../../runtime/fuzz/corpus/blob/", $name, ".smg")),
            golden: $golden,
        }
    };
}

/// Integer networks.
pub static CASES: &[Case] = &[
    case!("conv_2d-s8", 0xAAC8_5184),
    case!("depthwise_conv_2d-s8", 0xF847_5AAB),
    case!("fully_connected-s8", 0xDFD5_F581),
    case!("fully_connected-s16", 0xAD6D_4CAF),
    case!("add-s8", 0x1EF5_7F71),
    case!("mul-s16", 0x6D85_E8C5),
    case!("average_pool_2d-s8", 0x42F8_5B98),
    case!("max_pool_2d-s8", 0x7C8E_0B52),
    case!("mean-s8", 0x0000_1FA2),
    case!("softmax-s8", 0xF51B_B920),
    case!("transpose-any", 0x8249_8CC6),
];

/// The checksum of a network's outputs, for inputs whose bytes count from zero; none if it does not
/// run.
pub fn run(blob: &[u8], arena: &mut [u8]) -> Option<u32> {
    let model = Model::check(blob, ops::ALL).ok()?;
    let mut session = Session::new(&model, arena).ok()?;
    for index in 0..model.input_count() {
        let bytes = session.input_bytes_mut(index)?.iter_mut();
        bytes.zip((0..=u8::MAX).cycle()).for_each(|(to, from)| *to = from);
    }
    session.invoke().ok()?;
    let mut sum = 0;
    for index in 0..model.output_count() {
        let bytes = session.output_bytes(index)?.iter();
        sum = bytes.fold(sum, |sum: u32, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    }
    Some(sum)
}
