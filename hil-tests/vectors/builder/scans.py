"""Reductions other than MEAN, positions of extremes, running sums, the largest elements, norms."""

from dataclasses import replace

from .case import random_values, single, tensor
from .functions import few, upwards
from .graph import BOOL, FLOAT32, INT32, INT64, activation, constant, padding, scaled

AXES = {
    "last": ((2, 3, 4), (2,), False),
    "middle_keep": ((2, 3, 4), (1,), True),
    "outer_and_inner": ((2, 3, 4), (0, -1), False),
    "all": ((2, 3, 4), (0, 1, 2), False),
    "image": ((1, 4, 5, 3), (1, 2), True),
}


def reductions():
    for name, (shape, axes, keep) in AXES.items():
        options = {"keepDims": keep}

        def build(op, kind, values=random_values, y=None):
            return single(op, f"{kind.dtype}_{name}", [tensor(kind, *shape), constant(axes)],
                          [tensor(y or kind)], options, values=values)

        for op in ("REDUCE_MAX", "REDUCE_MIN"):
            for kind in (FLOAT32, INT32, INT64, scaled("int8", 0.1, 4), scaled("int16", 0.1)):
                yield build(op, kind)
        for kind in (FLOAT32, INT32, INT64):
            yield build("SUM", kind, few)
            yield build("REDUCE_PROD", kind, upwards)
        # TFLite's reference ignores scales here, and its other kernel computes in floats.
        for x, y in ((scaled("int8", 0.05, 6), scaled("int8", 0.4, -9)),
                     (scaled("int16", 0.001), scaled("int16", 0.004))):
            yield replace(build("SUM", x, y=y), micro_only=True)
        yield build("REDUCE_ANY", BOOL)
        yield build("REDUCE_ALL", BOOL)


def extremes():
    for op in ("ARG_MAX", "ARG_MIN"):
        for kind in (FLOAT32, INT32, scaled("int8", 0.1, 3)):
            for axis in (0, 1, -1):
                for y, code in ((INT32, 2), (INT64, 4)):
                    name = f"{kind.dtype}_axis{axis % 3}_{y.dtype}"
                    yield single(op, name, [tensor(kind, 3, 4, 5), constant(axis)], [tensor(y)],
                                 {"outputType": code}, values=few)
    for kind in (FLOAT32, INT32, scaled("int8", 0.1, 3)):
        for k in (1, 3, 7):
            yield single("TOPK_V2", f"{kind.dtype}_k{k}", [tensor(kind, 2, 3, 7), constant(k)],
                         [tensor(kind), tensor(INT32)], values=few, exact=True)


def running():
    for kind in (FLOAT32, INT32):
        for axis in (0, 1, -1):
            for exclusive in (False, True):
                for reverse in (False, True):
                    name = f"{kind.dtype}_axis{axis % 3}" + "_exclusive" * exclusive
                    options = {"exclusive": exclusive, "reverse": reverse}
                    yield single("CUMSUM", name + "_reverse" * reverse,
                                 [tensor(kind, 2, 3, 4), constant(axis)], [tensor(kind)], options,
                                 values=few)


def norms():
    for shape in ((5,), (2, 6), (1, 2, 3, 8)):
        yield single("L2_NORMALIZATION", f"float32_rank{len(shape)}", [tensor(FLOAT32, *shape)],
                     [tensor(FLOAT32)], {"fusedActivationFunction": activation("NONE")})
        x = scaled("int8", 0.03, 9)
        yield single("L2_NORMALIZATION", f"int8_rank{len(shape)}", [tensor(x, *shape)],
                     [tensor(scaled("int8", 1 / 128, 0))],
                     {"fusedActivationFunction": activation("NONE")}, samples=6)
        yield single("LOG_SOFTMAX", f"float32_rank{len(shape)}", [tensor(FLOAT32, *shape)],
                     [tensor(FLOAT32)])
    for radius in (1, 3):
        options = {"radius": radius, "bias": 1.5, "alpha": 0.3, "beta": 0.75}
        yield single("LOCAL_RESPONSE_NORMALIZATION", f"float32_radius{radius}",
                     [tensor(FLOAT32, 1, 2, 3, 8)], [tensor(FLOAT32)], options)
    for pad in ("SAME", "VALID"):
        options = {"padding": padding(pad), "filterHeight": 2, "filterWidth": 3, "strideH": 2,
                   "strideW": 1, "fusedActivationFunction": activation("NONE")}
        yield single("L2_POOL_2D", f"float32_{pad.lower()}", [tensor(FLOAT32, 1, 5, 6, 3)],
                     [tensor(FLOAT32)], options)


def cases():
    for family in (reductions, extremes, running, norms):
        yield from family()
