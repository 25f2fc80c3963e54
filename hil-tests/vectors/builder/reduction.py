"""MEAN over every choice of axes."""

from .case import single, tensor
from .graph import constant, scaled

# Shape, axes (an int is a rank-0 axis tensor), keepDims.
AXES = {
    "height_width": ((1, 4, 5, 3), (1, 2), False),
    "height_width_keep": ((1, 4, 5, 3), (1, 2), True),
    "height_width_batch2": ((2, 3, 3, 4), (1, 2), True),
    "height_width_negative": ((1, 4, 5, 3), (-3, -2), False),
    "width_height": ((1, 7, 7, 2), (2, 1), True),
    "channel": ((1, 3, 4, 5), (3,), False),
    "channel_negative_keep": ((1, 3, 4, 5), (-1,), True),
    "channel_scalar_axis": ((1, 3, 4, 5), 3, False),
    "height": ((1, 3, 4, 5), (1,), False),
    "width_keep": ((1, 3, 4, 5), (2,), True),
    "batch": ((3, 2, 2, 3), (0,), False),
    "outer_and_inner": ((2, 3, 4), (0, 2), True),
    "width_channel": ((2, 3, 4, 5), (2, 3), False),
    "all": ((2, 3, 4), (0, 1, 2), False),
    "all_keep": ((1, 3, 4, 5), (0, 1, 2, 3), True),
    "repeated_axis": ((2, 3, 4), (1, 1), False),
    "size_1_axis": ((1, 3, 4), (0,), False),
    "rank1": ((9,), (0,), True),
    "rank2": ((5, 6), (1,), False),
    "rank5": ((2, 2, 3, 2, 2), (1, 3), False),
    "even_count": ((1, 1, 2, 32), (2,), False),
}
# Input scale, input zero point, output scale, output zero point.
SCALES = {
    "same": (0.05, 6, 0.05, 6),
    "scales_differ": (0.05, 6, 0.031, -9),
    "saturating": (0.05, 3, 0.006, -20),
    "zero_max": (0.02, 127, 0.03, 100),
    "zero_differs": (0.1, 100, 0.1, -3),
}
MAIN = ("height_width", "height_width_keep", "channel", "outer_and_inner", "even_count")
UNSIGNED = ("height_width", "channel", "all_keep", "outer_and_inner")


def build(dtype: str, axes: str, scales: str):
    shape, axis, keep = AXES[axes]
    scale, zero, out_scale, out_zero = SCALES[scales]
    name = f"{dtype}_{axes}" if dtype == "float32" else f"{dtype}_{axes}_{scales}"
    x, y = tensor(scaled(dtype, scale, zero), *shape), tensor(scaled(dtype, out_scale, out_zero))
    return single("MEAN", name, [x, constant(axis)], [y], {"keepDims": keep}, samples=3)


def cases():
    for axes in AXES:
        yield build("int8", axes, "same")
        yield build("int8", axes, "scales_differ")
        yield build("float32", axes, "same")
    for axes in MAIN:
        for scales in ("saturating", "zero_max", "zero_differs"):
            yield build("int8", axes, scales)
    for axes in UNSIGNED:
        yield build("uint8", axes, "same")
        yield build("uint8", axes, "scales_differ")
