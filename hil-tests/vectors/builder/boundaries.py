"""Sums on the edge between two outputs, which show how a factor is made of three scales.

The weights are zero and every channel's bias is its sum. In doubles the factor is another number
than with products rounded to float32; the biases lie between the edges that the two give.
"""

import math
from fractions import Fraction

import numpy as np

from .case import generator, single, tensor
from .graph import Kind, activation, constant, padding, scaled

CHANNELS = 48
# The product of scales must be a number that float32 rounds by much.
ROUNDING_MIN = 3e-8


def edge_biases(rng, exact: np.ndarray, rounded: np.ndarray) -> np.ndarray:
    """Sums about which the two factors disagree, large enough to tell them apart."""
    steps = rng.choice([-1, 1], CHANNELS) * (rng.integers(60, 110, CHANNELS) + 0.5)
    return np.round((steps / exact + steps / rounded) / 2)


def scales(rng, count: int) -> np.ndarray:
    """Weight scales times 0.05 that are far from their float32 product."""
    drawn = np.float32(np.exp(0.3 * rng.standard_normal(4096)) * 1e-4)
    product = np.float64(np.float32(0.05)) * drawn
    error = np.abs(np.float32(product) / product - 1)
    return drawn[error > ROUNDING_MIN][:count]


def build(op: str, dtype: str, per_channel: bool):
    name = f"{dtype}_scale_rounding{'_per_channel' if per_channel else ''}"
    rng = generator(op, name)
    x_kind, y_kind = scaled(dtype, 0.05, 3), scaled(dtype, 17.3, 0)
    weight_scales = scales(rng, CHANNELS if per_channel else 1)
    zero = 132 if dtype == "uint8" else 0
    shape, axis = {
        "CONV_2D": ((CHANNELS, 1, 1, 1), 0),
        "DEPTHWISE_CONV_2D": ((1, 1, 1, CHANNELS), 3),
        "FULLY_CONNECTED": ((CHANNELS, 1), 0),
    }[op]
    kind = Kind(dtype, tuple(map(float, weight_scales)), (zero,) * len(weight_scales), axis)
    product = np.broadcast_to(np.float64(np.float32(0.05)) * weight_scales, CHANNELS)
    biases = edge_biases(rng, product / y_kind.scale, np.float32(product) / y_kind.scale)
    bias_scales = tuple(map(float, np.float32(product[:len(weight_scales)])))
    bias = constant(biases, Kind("int32", bias_scales, (0,) * len(bias_scales)))
    options = {"fusedActivationFunction": activation("NONE")}
    x_shape = (1, 1)
    if op != "FULLY_CONNECTED":
        options |= {"padding": padding("VALID"), "strideH": 1, "strideW": 1}
        x_shape = (1, 1, 1, 1)
    if op == "DEPTHWISE_CONV_2D":
        options["depthMultiplier"] = CHANNELS
    weights = constant(np.full(shape, zero), kind)
    return single(op, name, [tensor(x_kind, *x_shape), weights, bias], [tensor(y_kind)], options,
                  samples=1)


def fixed_point(real: float) -> Fraction:
    """The nearest factor with a mantissa of 31 bits."""
    _, exponent = math.frexp(real)
    unit = Fraction(2) ** (exponent - 31)
    return math.floor(Fraction(real) / unit + Fraction(1, 2)) * unit


def real_factors(dtype: str, outputs: list, largest: int):
    """Sums of FULLY_CONNECTED that a real factor and the nearest fixed-point one round apart.

    The weight scale is the first of some at which there is such a sum of at most `largest`."""
    name = f"{dtype}_real_factor"
    rng = generator("FULLY_CONNECTED", name)
    x_kind, y_kind = scaled(dtype, 0.05, 3), scaled(dtype, 0.013, 0)
    apart = []
    while not apart:
        scale = float(np.float32(rng.uniform(1, 2) * outputs[-1] / largest * 0.26))
        real = x_kind.scale * scale / y_kind.scale
        firsts = [[math.ceil((output + Fraction(1, 2)) / factor) for output in outputs]
                  for factor in (Fraction(real), fixed_point(real))]
        apart = [min(pair) for pair in zip(*firsts) if pair[0] != pair[1]]
    biases = [bias * sign for bias in apart for sign in (1, -1)][:32]
    bias_type = "int64" if dtype == "int16" else "int32"
    bias_kind = Kind(bias_type, (float(np.float32(x_kind.scale * scale)),), (0,))
    weights = constant(np.zeros((len(biases), 1)), scaled("int8", scale))
    x = tensor(x_kind, 1, 1)
    return single("FULLY_CONNECTED", name, [x, weights, constant(biases, bias_kind)],
                  [tensor(y_kind)], {"fusedActivationFunction": activation("NONE")}, samples=1)


def cases():
    yield real_factors("int8", list(range(1, 127)), 1 << 23)
    yield real_factors("int16", list(range(30_000, 32_000)), 1 << 38)
    for op in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
        yield build(op, "int8", per_channel=False)
        yield build(op, "int8", per_channel=True)
        yield build(op, "uint8", per_channel=False)
