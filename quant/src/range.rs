//! Bounds of an output after a fused activation, as integers.

use smidge_kernels::Clamp;

/// The int8 bounds of real bounds `limits` on an output of this scale and zero point: values are
/// divided in single precision and rounded half away from zero.
pub fn clamp_s8(limits: (f32, f32), scale: f32, zero: i32) -> Clamp<i32> {
    clamp(limits, scale, zero, (-128, 127))
}

/// The int16 bounds of real bounds on a symmetric output, as [`clamp_s8`] finds them.
pub fn clamp_s16(limits: (f32, f32), scale: f32) -> Clamp<i32> {
    clamp(limits, scale, 0, (-32_768, 32_767))
}

fn clamp(limits: (f32, f32), scale: f32, zero: i32, type_limits: (i32, i32)) -> Clamp<i32> {
    let ((low, high), (lowest, highest)) = (limits, type_limits);
    let quantize = |value: f32| {
        // A float to integer cast saturates.
        let rounded = (value / scale).round() as i32;
        rounded.saturating_add(zero)
    };
    let min = if low.is_finite() { quantize(low).max(lowest) } else { lowest };
    let max = if high.is_finite() { quantize(high).min(highest) } else { highest };
    // Bounds that lie outside the type altogether keep their order.
    Clamp { min: min.min(highest), max: max.max(lowest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_become_bounds() {
        let none = (f32::NEG_INFINITY, f32::INFINITY);
        assert_eq!(clamp_s8(none, 0.1, 5), Clamp { min: -128, max: 127 });
        assert_eq!(clamp_s8((0.0, f32::INFINITY), 0.1, -20), Clamp { min: -20, max: 127 });
        assert_eq!(clamp_s8((0.0, 6.0), 0.1, -20), Clamp { min: -20, max: 40 });
        assert_eq!(clamp_s8((-1.0, 1.0), 1e-9, 0), Clamp { min: -128, max: 127 });
        assert_eq!(clamp_s16(none, 0.1), Clamp { min: -32_768, max: 32_767 });
        assert_eq!(clamp_s16((0.0, 6.0), 0.001), Clamp { min: 0, max: 6000 });
    }
}
