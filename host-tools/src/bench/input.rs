//! Inputs of a measurement: the same bytes everywhere, unless the user gives some.

use smidge_format::{Blob, DType};

/// Bytes of a linear congruential generator: `x ← 1664525 x + 1013904223`, from 12345, its highest
/// eight bits. The whole sequence goes on from input to input.
struct Noise(u32);

impl Iterator for Noise {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((self.0 >> 24) as u8)
    }
}

/// The bytes of each input of a blob. Floats are the bytes as int8, divided by 128: random bits
/// would be no numbers.
pub fn noise(blob: &Blob<'_>) -> Vec<Vec<u8>> {
    let mut noise = Noise(12345);
    let main = blob.subgraph(0);
    let inputs = main.iter().flat_map(|main| blob.inputs(main));
    let tensors = inputs.filter_map(|id| blob.tensor(id));
    tensors
        .map(|tensor| match tensor.dtype {
            DType::F32 => {
                let values = noise.by_ref().take(tensor.len as usize / 4);
                values.flat_map(|byte| (f32::from(byte as i8) / 128.0).to_le_bytes()).collect()
            }
            _ => noise.by_ref().take(tensor.len as usize).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Noise;

    #[test]
    fn the_bytes_are_those_of_the_published_counts() {
        let bytes: Vec<u8> = Noise(12345).take(4).collect();
        let mut x: u64 = 12345;
        let expected = [0; 4].map(|_: u8| {
            x = (x * 1_664_525 + 1_013_904_223) % (1 << 32);
            (x >> 24) as u8
        });
        assert_eq!(bytes, expected);
    }
}
