"""QUANTIZE and DEQUANTIZE between the element types."""

import numpy as np

from .case import all_values, case, generator, random_values, single, tensor
from .graph import FLOAT16, FLOAT32, Graph, Op, activation, constant, scaled

EVERY = (1, 256)
# Output scale and zero point of float inputs; halves of 0.5 are exact ties.
FROM_FLOAT = {
    "ties": (0.5, 0),
    "ties_zero_odd": (0.5, 3),
    "scale_small": (0.0039, -7),
    "scale_middle": (0.0471, 12),
    "scale_large": (3.7, 1),
    "zero_min": (0.05, -128),
    "zero_max": (0.05, 127),
}
# Input scale, input zero point, output scale, output zero point.
REQUANTIZE = {
    "same": (0.05, -3, 0.05, -3),
    "zero_differs": (0.05, -3, 0.05, 40),
    "finer": (0.1, 4, 0.037, -20),
    "coarser": (0.03, 4, 0.11, 7),
    "much_finer": (1.0, 0, 0.004, 0),
    "much_coarser": (0.02, 9, 0.4, -2),
    "halved": (0.25, 0, 0.5, 0),
    "halved_zero_odd": (0.25, 5, 0.5, -7),
    "zeros_min": (0.05, -128, 0.04, -128),
    "zero_min": (0.05, -128, 0.06, 30),
    "zero_max": (0.05, 127, 0.03, -30),
}


def halves(scale: float, shape: tuple) -> np.ndarray:
    """Multiples of half the scale, ties among them, and at the end values far out of range.

    None is so far that a quotient leaves int32, where TFLite's own cast is undefined."""
    steps = np.arange(int(np.prod(shape)), dtype=np.float32) / 2 - 160
    values = steps * np.float32(scale)
    values[-8:] = (-1e6, 1e6, -3e4, 3e4, -0.0, 1e-30, -1e-30, 0.37)
    return values.reshape(shape)


def from_float():
    for name, (scale, zero) in FROM_FLOAT.items():
        for dtype in ("int8", "uint8"):
            y = tensor(scaled(dtype, scale, zero))
            yield single("QUANTIZE", f"float32_to_{dtype}_{name}", [tensor(FLOAT32, 1, 648)],
                         [y], values=lambda _, shape, scale=scale: halves(scale, shape))
    y = tensor(scaled("int16", 0.002, 0))
    yield single("QUANTIZE", "float32_to_int16", [tensor(FLOAT32, 2, 40)], [y])


def requantize():
    for name, (scale, zero, out_scale, out_zero) in REQUANTIZE.items():
        pairs = [("int8", "int8"), ("uint8", "int8"), ("int8", "uint8")]
        if name in ("finer", "coarser", "zero_min"):
            pairs.append(("uint8", "uint8"))
        for source, target in pairs:
            x, y = scaled(source, scale, zero), scaled(target, out_scale, out_zero)
            yield single("QUANTIZE", f"{source}_to_{target}_{name}", [tensor(x, *EVERY)],
                         [tensor(y)], values=all_values)
    for name, scale, out_scale in (("finer", 0.0004, 0.037), ("coarser", 0.001, 0.8)):
        x, y = scaled("int16", scale), scaled("int8", out_scale, 5)
        yield single("QUANTIZE", f"int16_to_int8_{name}", [tensor(x, 3, 64)], [tensor(y)])


def dequantize():
    for dtype in ("int8", "uint8"):
        for name in ("scale_small", "scale_middle", "zero_min", "zero_max"):
            x = scaled(dtype, *FROM_FLOAT[name])
            yield single("DEQUANTIZE", f"{dtype}_{name}", [tensor(x, *EVERY)],
                         [tensor(FLOAT32)], values=all_values, exact=True)
    x = scaled("int16", 0.0003)
    yield single("DEQUANTIZE", "int16", [tensor(x, 3, 30)], [tensor(FLOAT32)], exact=True)
    yield half_weights()


def half_weights():
    """A float16 constant made float32, as converters store half-precision weights."""
    rng = generator("DEQUANTIZE", "float16_constant/weights")
    half = constant(random_values(rng, FLOAT16, (1, 4, 5)), FLOAT16)
    full, x, y = tensor(FLOAT32), tensor(FLOAT32, 1, 4, 5), tensor(FLOAT32)
    add = {"fusedActivationFunction": activation("NONE")}
    graph = Graph([Op("DEQUANTIZE", [half], [full]), Op("ADD", [x, full], [y], add)], [x], [y])
    return case("DEQUANTIZE", "float16_constant", graph)


def cases():
    yield from from_float()
    yield from requantize()
    yield from dequantize()
