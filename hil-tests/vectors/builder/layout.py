"""Operators that move values without changing them. All are exact for every type."""

import numpy as np

from .case import all_values, generator, random_values, single, tensor
from .graph import activation, constant, scaled

# Input shape, new shape, where the new shape is: a constant tensor, the options, or both.
RESHAPES = {
    "tensor": ((1, 2, 3, 4), (1, 24), "tensor"),
    "tensor_inferred": ((2, 3, 4), (4, -1), "tensor"),
    "options": ((1, 2, 3, 4), (6, 4), "options"),
    "options_inferred": ((1, 2, 3, 4), (-1, 8), "options"),
    "both": ((3, 4), (2, 6), "both"),
    "to_rank1": ((2, 3), (-1,), "tensor"),
    "to_rank5": ((4, 6), (1, 2, 2, 3, 2), "tensor"),
    "to_scalar": ((1, 1), (), "tensor"),
}
# Input shape, squeezed axes (none: every axis of size 1).
SQUEEZES = {
    "all": ((1, 3, 1, 2), ()),
    "one": ((1, 3, 1, 2), (2,)),
    "negative": ((1, 3, 1, 2), (-2,)),
    "two": ((1, 1, 3, 1), (0, 3)),
}
EXPANSIONS = {"first": (0,), "middle": (1,), "last": (-1,), "negative": (-2,), "scalar_axis": 2}
# Input shape, rows before and after on each axis.
PADDINGS = {
    "rank4_spatial": ((1, 3, 2, 2), ((0, 0), (1, 2), (2, 1), (0, 0))),
    "rank4_all": ((1, 2, 2, 3), ((1, 0), (0, 2), (1, 1), (2, 1))),
    "rank4_channel": ((1, 2, 3, 3), ((0, 0), (0, 0), (0, 0), (0, 5))),
    "rank3": ((2, 3, 2), ((1, 1), (0, 0), (3, 0))),
    "rank2": ((2, 3), ((0, 1), (2, 0))),
    "rank1": ((4,), ((3, 2),)),
    "rank5": ((1, 2, 1, 2, 2), ((0, 1), (1, 0), (2, 0), (0, 0), (1, 1))),
    "none": ((1, 2, 2, 1), ((0, 0), (0, 0), (0, 0), (0, 0))),
}
# Shapes joined, axis.
JOINS = {
    "batch": (((1, 2, 3, 2), (2, 2, 3, 2)), 0),
    "height": (((1, 2, 3, 2), (1, 3, 3, 2)), 1),
    "width": (((1, 2, 3, 2), (1, 2, 1, 2)), 2),
    "channel": (((1, 2, 3, 2), (1, 2, 3, 5)), 3),
    "negative_1": (((1, 2, 3, 2), (1, 2, 3, 1)), -1),
    "negative_3": (((1, 2, 3, 2), (1, 1, 3, 2)), -3),
    "three": (((2, 3), (2, 1), (2, 4)), 1),
    "five": (((1, 1), (1, 2), (1, 3), (1, 4), (1, 5)), -1),
    "one": (((2, 3),), 0),
    "rank1": (((3,), (4,)), 0),
    "rank3": (((2, 1, 3), (2, 2, 3)), 1),
    "rank5": (((1, 2, 1, 2, 2), (1, 2, 3, 2, 2)), 2),
}
# Input shape, axis, parts.
SPLITS = {
    "batch": ((4, 2, 3, 2), 0, 2),
    "height": ((1, 6, 3, 2), 1, 3),
    "width": ((1, 2, 4, 2), 2, 2),
    "channel": ((1, 2, 2, 8), 3, 4),
    "negative_1": ((2, 6), -1, 3),
    "negative_2": ((2, 4, 3), -2, 2),
    "one_part": ((2, 3), 0, 1),
    "rank1": ((6,), 0, 6),
}
# Input shape, begin, size.
SLICES = {
    "rank4": ((1, 4, 5, 3), (0, 1, 2, 1), (1, 2, 2, 2)),
    "to_end": ((1, 4, 5, 3), (0, 2, 0, 1), (1, -1, -1, -1)),
    "rank3": ((3, 4, 5), (1, 0, 3), (2, 4, 2)),
    "rank2": ((4, 6), (1, 2), (2, -1)),
    "rank1": ((9,), (4,), (3,)),
    "whole": ((2, 3), (0, 0), (-1, -1)),
    "rank5": ((1, 2, 3, 2, 4), (0, 1, 1, 0, 2), (1, 1, 2, 2, -1)),
}
# Input shape, begin, end, strides, masks.
STRIDES = {
    "plain": ((1, 5, 6, 3), (0, 1, 2, 0), (1, 4, 5, 2), (1, 1, 1, 1), {}),
    "stride2": ((1, 5, 6, 3), (0, 0, 1, 0), (1, 5, 6, 3), (1, 2, 3, 1), {}),
    "negative": ((1, 5, 6, 3), (0, 4, 5, 2), (1, 0, 1, 0), (1, -1, -2, -1), {}),
    "reversed": ((3, 4), (-1, -1), (-4, -5), (-1, -1), {}),
    "reversed_masks": ((3, 4), (0, 0), (0, 0), (-1, -2), {"beginMask": 3, "endMask": 3}),
    "negative_indices": ((4, 6), (-3, -5), (-1, -1), (1, 2), {}),
    "begin_mask": ((4, 6), (2, 3), (4, 5), (1, 1), {"beginMask": 2}),
    "end_mask": ((4, 6), (2, 3), (3, 4), (1, 1), {"endMask": 1}),
    "both_masks": ((1, 4, 6, 2), (0, 1, 2, 0), (0, 3, 4, 0), (1, 1, 2, 1),
                   {"beginMask": 9, "endMask": 9}),
    "out_of_range": ((4, 6), (-9, 2), (20, 99), (1, 2), {}),
    "shrink_first": ((3, 4, 2), (1, 0, 0), (2, 4, 2), (1, 1, 1), {"shrinkAxisMask": 1}),
    "shrink_middle": ((3, 4, 2), (0, 2, 0), (3, 3, 2), (1, 1, 1), {"shrinkAxisMask": 2}),
    "shrink_negative": ((3, 4), (0, -1), (3, 0), (1, 1),
                        {"shrinkAxisMask": 2, "beginMask": 1, "endMask": 1}),
    "shrink_all": ((3, 4), (1, 2), (2, 3), (1, 1), {"shrinkAxisMask": 3}),
    "shorter_than_rank": ((3, 4, 2), (1,), (3,), (1,), {}),
    "rank1": ((9,), (1,), (8,), (3,), {}),
    "rank1_negative": ((9,), (7,), (1,), (-3,), {}),
    "rank5": ((2, 2, 3, 2, 4), (0, 0, 1, 0, 1), (2, 1, 3, 2, 4), (1, 1, 1, 1, 2), {}),
    "ellipsis": ((2, 3, 4), (0, 1), (0, 3), (1, 1), {"ellipsisMask": 1}),
    "ellipsis_middle": ((2, 3, 4, 2), (1, 0, 0), (2, 0, 1), (1, 1, 1), {"ellipsisMask": 2}),
    "new_axis_first": ((3, 4), (0, 1, 0), (0, 3, 3), (1, 1, 1), {"newAxisMask": 1}),
    "new_axis_last": ((3, 4), (0, 1, 0), (3, 3, 0), (1, 1, 1), {"newAxisMask": 4}),
    "offset": ((4, 6), (1, 2), (2, 3), (1, 1), {"offset": True}),
}
PERMUTATIONS = {
    "rank1": ((5,), (0,)),
    "rank2": ((3, 5), (1, 0)),
    "rank2_identity": ((3, 5), (0, 1)),
    "rank3_021": ((2, 3, 4), (0, 2, 1)),
    "rank3_102": ((2, 3, 4), (1, 0, 2)),
    "rank3_120": ((2, 3, 4), (1, 2, 0)),
    "rank3_201": ((2, 3, 4), (2, 0, 1)),
    "rank3_210": ((2, 3, 4), (2, 1, 0)),
    "rank4_0231": ((1, 2, 3, 4), (0, 2, 3, 1)),
    "rank4_0312": ((2, 2, 3, 4), (0, 3, 1, 2)),
    "rank4_0213": ((1, 3, 4, 2), (0, 2, 1, 3)),
    "rank4_3210": ((2, 3, 2, 4), (3, 2, 1, 0)),
    "rank4_1032": ((2, 3, 4, 2), (1, 0, 3, 2)),
    "rank5_01342": ((1, 2, 3, 2, 2), (0, 1, 3, 4, 2)),
    "rank5_43210": ((2, 1, 2, 3, 2), (4, 3, 2, 1, 0)),
}


def moved(op: str, dtype: str, name: str, shape: tuple, others: list, options=(), outputs=1):
    """A case whose first operand has the dtype and whose results share its quantization."""
    kind = scaled(dtype, 0.05, -6)
    results = [tensor(kind) for _ in range(outputs)]
    return single(op, f"{dtype}_{name}", [tensor(kind, *shape), *others], results, options,
                  exact=True)


def reshapes(dtype: str):
    for name, (shape, new, place) in RESHAPES.items():
        others = [] if place == "options" else [constant(np.array(new, np.int32))]
        options = None if place == "tensor" else {"newShape": list(new)}
        yield moved("RESHAPE", dtype, name, shape, others, options)
    for name, (shape, axes) in SQUEEZES.items():
        yield moved("SQUEEZE", dtype, name, shape, [], {"squeezeDims": list(axes)})
    for name, axis in EXPANSIONS.items():
        yield moved("EXPAND_DIMS", dtype, name, (2, 3), [constant(axis)])


def paddings(dtype: str):
    for name, (shape, rows) in PADDINGS.items():
        yield moved("PAD", dtype, name, shape, [constant(rows)])
        kind = scaled(dtype, 0.05, -6)
        fill = constant(random_values(generator("PADV2", f"{dtype}_{name}/fill"), kind, ()), kind)
        yield moved("PADV2", dtype, name, shape, [constant(rows), fill])


def joins(dtype: str):
    kind = scaled(dtype, 0.05, -6)

    def join(name, inputs, axis, y=kind):
        options = {"axis": axis, "fusedActivationFunction": activation("NONE")}
        return single("CONCATENATION", f"{dtype}_{name}", inputs, [tensor(y)], options,
                      exact=True)

    for name, (shapes, axis) in JOINS.items():
        yield join(name, [tensor(kind, *shape) for shape in shapes], axis)
    pair = [tensor(kind, 1, 2, 3), tensor(kind, 1, 2, 2)]
    yield join("twice", [pair[0], pair[0]], 1)
    rng = generator("CONCATENATION", f"{dtype}_constant/values")
    yield join("constant", [pair[0], constant(random_values(rng, kind, (1, 2, 2)), kind)], 2)


def rescaling_join():
    """Concatenation of unequal quantizations, which TFLite allows for uint8 alone."""
    parts = [tensor(scaled("uint8", 0.05, -6), 1, 256), tensor(scaled("uint8", 0.09, 21), 1, 256)]
    options = {"axis": 1, "fusedActivationFunction": activation("NONE")}
    return single("CONCATENATION", "uint8_scales_differ", parts,
                  [tensor(scaled("uint8", 0.07, 3))], options, values=all_values)


def splits(dtype: str):
    kind = scaled(dtype, 0.05, -6)
    for name, (shape, axis, parts) in SPLITS.items():
        results = [tensor(kind) for _ in range(parts)]
        yield single("SPLIT", f"{dtype}_{name}", [constant(axis), tensor(kind, *shape)], results,
                     {"numSplits": parts}, exact=True)


def slices(dtype: str):
    for name, (shape, begin, size) in SLICES.items():
        yield moved("SLICE", dtype, name, shape, [constant(begin), constant(size)])
    for name, (shape, begin, end, strides, masks) in STRIDES.items():
        others = [constant(begin), constant(end), constant(strides)]
        yield moved("STRIDED_SLICE", dtype, name, shape, others, masks)


def transposes(dtype: str):
    for name, (shape, order) in PERMUTATIONS.items():
        yield moved("TRANSPOSE", dtype, name, shape, [constant(order)])


def cases():
    families = (reshapes, paddings, joins, splits, slices, transposes)
    for family in families:
        yield from family("int8")
        # Other types take the same road, so a third of the cases is enough for each.
        yield from list(family("float32"))[::3]
        yield from list(family("uint8"))[1::3]
    yield rescaling_join()
