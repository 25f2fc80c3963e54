"""Images of another size, and transposed convolutions."""

import numpy as np

from .case import generator, random_values, single, tensor
from .graph import FLOAT32, INT32, Kind, activation, constant, padding, scaled

SIZES = {
    "double": ((1, 3, 4, 2), (6, 8)),
    "half": ((2, 6, 8, 3), (3, 4)),
    "odd": ((1, 5, 3, 2), (7, 10)),
    "one": ((1, 4, 4, 2), (1, 1)),
    "same": ((1, 4, 3, 2), (4, 3)),
}
PLACES = {
    "plain": {},
    "corners": {"alignCorners": True},
    "centers": {"halfPixelCenters": True},
}
# Kernel, stride, padding, input height and width, input and output channels.
WINDOWS = {
    "k3x3_same": ((3, 3), (1, 1), "SAME", (4, 5), 3, 2),
    "k3x3_stride2_same": ((3, 3), (2, 2), "SAME", (3, 4), 2, 4),
    "k2x2_stride2_valid": ((2, 2), (2, 2), "VALID", (3, 2), 4, 3),
    "k4x1_stride3_valid": ((4, 1), (3, 1), "VALID", (4, 1), 3, 5),
    "k1x1": ((1, 1), (1, 1), "VALID", (3, 3), 2, 2),
    "k5x3_stride2x3": ((5, 3), (2, 3), "SAME", (3, 2), 1, 3),
}


def resized():
    for op in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"):
        for name, (shape, size) in SIZES.items():
            for place, options in PLACES.items():
                for kind in (FLOAT32, scaled("int8", 0.1, -7), scaled("int16", 0.1)):
                    yield single(op, f"{kind.dtype}_{name}_{place}",
                                 [tensor(kind, *shape), constant(size)], [tensor(kind)], options)


def transposed(dtype: str, name: str, act: str = "NONE", with_bias: bool = True, zero: int = 5):
    (rows, columns), (down, right), pad, (h, w), depth, channels = WINDOWS[name]
    full = f"{dtype}_{name}" + f"_{act.lower()}" * (act != "NONE") + "_no_bias" * (not with_bias)
    rng = generator("TRANSPOSE_CONV", f"{full}/constants")
    x = scaled(dtype, 0.05 if dtype != "int16" else 0.0003, zero)
    y = scaled(dtype, 0.3 if dtype != "int16" else 0.002, -9)
    shape = (channels, rows, columns, depth)
    if dtype == "float32":
        weights = constant(random_values(rng, FLOAT32, shape), FLOAT32)
        bias = constant(random_values(rng, FLOAT32, (channels,)), FLOAT32)
    else:
        scales = tuple(float(np.float32(s)) for s in rng.uniform(0.005, 0.02, channels))
        weights = rng.integers(-127, 128, shape)
        weights = constant(weights, Kind("int8", scales, (0,) * channels, 0))
        kind = "int64" if dtype == "int16" else "int32"
        products = tuple(float(np.float32(s) * np.float32(x.scale)) for s in scales)
        bias = constant(rng.integers(-500, 500, channels), Kind(kind, products, (0,) * channels, 0))
    size = [h * down, w * right]
    if pad == "VALID":
        size = [(h - 1) * down + rows, (w - 1) * right + columns]
    inputs = [constant((1, *size, channels)), weights, tensor(x, 1, h, w, depth)]
    options = {"padding": padding(pad), "strideH": down, "strideW": right,
               "fusedActivationFunction": activation(act)}
    return single("TRANSPOSE_CONV", full, inputs + [bias] * with_bias, [tensor(y)], options)


def cases():
    yield from resized()
    for name in WINDOWS:
        for dtype in ("float32", "int8", "int16"):
            yield transposed(dtype, name)
        yield transposed("int8", name, with_bias=False, zero=-128)
