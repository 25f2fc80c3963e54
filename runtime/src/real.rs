//! Between the integers of a quantized tensor and the real numbers they stand for:
//! `real = scale * (q - zero_point)`. For whoever fills inputs and reads outputs; the network itself
//! works with integers only.

/// The int8 nearest to a real number, halves away from zero; the limits beyond them.
pub const fn to_i8(real: f32, scale: f32, zero_point: i32) -> i8 {
    limited(real, scale, zero_point, i8::MIN as i32, i8::MAX as i32) as i8
}

/// The int16 nearest to a real number, halves away from zero; the limits beyond them.
pub const fn to_i16(real: f32, scale: f32, zero_point: i32) -> i16 {
    limited(real, scale, zero_point, i16::MIN as i32, i16::MAX as i32) as i16
}

/// The real number that an integer stands for.
pub const fn from(q: i32, scale: f32, zero_point: i32) -> f32 {
    q.wrapping_sub(zero_point) as f32 * scale
}

const fn limited(real: f32, scale: f32, zero_point: i32, least: i32, greatest: i32) -> i32 {
    let q = rounded(real / scale).saturating_add(zero_point);
    if q < least {
        least
    } else if q > greatest {
        greatest
    } else {
        q
    }
}

/// The integer nearest to a number, halves away from zero; 0 for what is no number.
const fn rounded(number: f32) -> i32 {
    let whole = number as i32;
    // Exact: beyond 2^23 there are no fractions.
    let fraction = number - whole as f32;
    if fraction >= 0.5 {
        whole.saturating_add(1)
    } else if fraction <= -0.5 {
        whole.saturating_sub(1)
    } else {
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_the_mathematical_function() {
        let near = (-2000..2000).map(|i| i as f32 / 8.0);
        let odd = [0.499_999_97, -0.499_999_97, 8_388_607.5, 1e9, -1e9, 2.5, -2.5, f32::MIN];
        for number in near.chain(odd) {
            assert_eq!(rounded(number), libm::roundf(number) as i32, "{number}");
        }
        assert_eq!((rounded(f32::NAN), rounded(f32::INFINITY)), (0, i32::MAX));
    }

    #[test]
    fn integers_come_back() {
        for q in i8::MIN..=i8::MAX {
            assert_eq!(to_i8(from(q.into(), 0.1, -3), 0.1, -3), q);
        }
        assert_eq!((to_i8(1e9, 0.1, -3), to_i8(-1e9, 0.1, -3)), (127, -128));
        assert_eq!((to_i16(1e9, 0.1, 0), to_i16(0.25, 0.1, 0)), (i16::MAX, 3));
    }
}
