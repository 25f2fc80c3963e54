"""Weights, biases and scales of convolutions and fully connected layers."""

from dataclasses import dataclass

import numpy as np

from .graph import FLOAT32, Kind, Tensor, constant, nibbles, scaled

# Standard deviations of a uniform int8 and of random floats.
INT8_DEVIATION = 74.0
FLOAT_DEVIATION = 3.0
# The deviation wanted at an integer output: some values saturate.
OUTPUT_DEVIATION = 60.0
BOUNDS = {"RELU6": 6.0, "RELU_N1_TO_1": 1.0}
# An activation's bound in steps of the output, so that it lies inside the type's range.
BOUND_STEPS = 80.0
UINT8_WEIGHT_ZERO = 4
# Steps of an int16 in one of an int8.
INT16_STEPS = 256


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """Quantization of a layer. A gain above one makes its output saturate more."""

    act: str = "NONE"
    per_channel: bool = False
    x_scale: float = 0.05
    x_zero: int = 3
    out_zero: int = -5
    gain: float = 1.0
    # How far apart the scales of channels are, and what the first one's is multiplied by.
    spread: float = 0.7
    first_scale: float = 1.0
    weight_scale: float = 0.01
    weight_limit: int = 127
    four_bits: bool = False
    # Of biases with int16 activations; others have int32.
    bias_type: str = "int64"
    bias_size: float = 1.0
    # The factor from sums to the output, where it has to be exact.
    multiplier: float | None = None

# Scales that are powers of two, so that a half is a half: how ties are rounded shows.
TIES = {"x_scale": 2**-3, "weight_scale": 2**-4, "weight_limit": 1, "spread": 0.0}


def steps(x: Kind) -> int:
    """How many steps of the activations' type make one of an 8-bit type."""
    return INT16_STEPS if x.dtype == "int16" else 1


def deviation(scheme: Scheme, x: Kind, terms: int) -> float:
    """Standard deviation of integer sums of `terms` products."""
    weights = (scheme.weight_limit * (scheme.weight_limit + 1) / 3) ** 0.5
    return terms**0.5 * INT8_DEVIATION * steps(x) * weights


def layer(rng, scheme: Scheme, x: Kind, shape: tuple, axis: int) -> tuple:
    """The weights, the biases and the kind of the output of one layer."""
    channels = shape[axis]
    terms = int(np.prod(shape)) // channels
    if not x.scales:
        weights = constant(rng.standard_normal(shape) / terms**0.5, FLOAT32)
        bias = rng.standard_normal(channels) * FLOAT_DEVIATION * scheme.bias_size
        return weights, constant(bias, FLOAT32), FLOAT32
    sums = deviation(scheme, x, terms)
    bound = BOUNDS.get(scheme.act)
    scale = 0.7 * bound / (x.scale * sums) if bound else scheme.weight_scale
    kind = weight_kind(rng, scheme, x.dtype, scale, channels, axis)
    values = weight_values(rng, scheme, kind, shape)
    weights = nibbles(values, kind) if scheme.four_bits else constant(values, kind)
    bias = bias_of(rng, scheme, x, kind, channels, sums)
    multiplier = scheme.multiplier or OUTPUT_DEVIATION * steps(x) * scheme.gain / sums
    out_scale = x.scale * scale / multiplier
    bound_scale = bound and bound / BOUND_STEPS / steps(x)
    y = scaled(x.dtype, bound_scale or out_scale, scheme.out_zero)
    return weights, bias, y


def weight_kind(rng, scheme: Scheme, dtype: str, scale: float, channels: int, axis: int) -> Kind:
    if dtype == "uint8":
        return scaled(dtype, scale, UINT8_WEIGHT_ZERO)
    dtype = "int4" if scheme.four_bits else "int8"
    if not scheme.per_channel:
        return scaled(dtype, scale)
    scales = scale * np.exp(scheme.spread * rng.standard_normal(channels))
    scales[0] *= scheme.first_scale
    return Kind(dtype, tuple(map(float, np.float32(scales))), (0,) * channels, axis)


def weight_values(rng, scheme: Scheme, kind: Kind, shape: tuple) -> np.ndarray:
    """Symmetric int8, which never is -128, or uint8 around its zero point."""
    limit = scheme.weight_limit
    values = rng.integers(-limit, limit, shape, endpoint=True) + kind.zero_points[0]
    if scheme.four_bits:
        return np.clip(values, -7, 7)
    limits = np.iinfo(kind.dtype)
    return np.clip(values, limits.min, limits.max)


def bias_of(rng, scheme: Scheme, x: Kind, weights: Kind, channels: int, sums: float) -> Tensor:
    """Biases about as large as the sums they are added to."""
    values = rng.standard_normal(channels) * sums * scheme.bias_size
    scales = tuple(float(np.float32(x.scale) * np.float32(s)) for s in weights.scales)
    dtype = scheme.bias_type if x.dtype == "int16" else "int32"
    kind = Kind(dtype, scales, (0,) * len(scales), 0)
    return constant(np.round(values), kind)
