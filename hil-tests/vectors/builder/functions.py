"""Functions of one value and of two, comparisons, choices, conversions of type."""

import numpy as np

from .case import all_values, random_values, single, tensor
from .graph import BOOL, FLOAT32, INT32, INT64, Kind, activation, constant, scaled

EVERY = (1, 256)
# Input scale and int8 zero point, output scale and zero point.
WIDE = (0.03, -5, 0.04, 10)
POSITIVE = (0.05, -128, 0.02, -128)
SCALES = {
    "ABS": (WIDE, (0.05, 3, 0.05, -128)),
    "ELU": (WIDE, (0.1, 0, 0.05, -100)),
    "EXP": ((0.02, 3, 0.1, -128), (0.05, -20, 0.02, 0)),
    "GELU": (WIDE, (0.06, 10, 0.05, -120)),
    "LOG": (POSITIVE, (0.02, -100, 0.05, 20)),
    "RSQRT": (POSITIVE, (0.5, -128, 0.01, -128)),
    "SQRT": (POSITIVE, (0.7, -128, 0.03, 5)),
}
FLOATS = ("ABS", "CEIL", "COS", "ELU", "EXP", "FLOOR", "GELU", "LOG", "NEG", "ROUND", "RSQRT", "SIGN",
          "SIN", "SQRT", "SQUARE")
EXACT = ("ABS", "CEIL", "FLOOR", "NEG", "ROUND", "SIGN", "SQUARE")
SHAPES = {
    "same": ((2, 3, 4), (2, 3, 4)),
    "scalar_right": ((2, 3, 4), ()),
    "scalar_left": ((), (3, 4)),
    "both_sides": ((2, 1, 3), (1, 4, 1)),
    "rank_differs": ((3, 4), (2, 3, 4)),
}


def positive(kind: Kind, shape: tuple) -> np.ndarray:
    """Floats above 0; for integers, what stands for numbers above or at 0."""
    if kind.dtype == "float32":
        return np.geomspace(0.01, 30, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    values = all_values(kind, shape)
    return np.where(values < kind.zero_points[0], kind.zero_points[0], values).astype(kind.dtype)


def halves(kind: Kind, shape: tuple) -> np.ndarray:
    """Floats with ties between integers."""
    return ((np.arange(int(np.prod(shape))) - 128) / 4).astype(np.float32).reshape(shape)


def unary(op: str, name: str, x: Kind, y: Kind, values=all_values, exact=None, **options):
    return single(op, name, [tensor(x, *EVERY)], [tensor(y)], options, values=values, exact=exact)


def unaries():
    for op in FLOATS:
        values = positive if op in ("LOG", "RSQRT", "SQRT") else all_values
        if op in ("CEIL", "FLOOR", "ROUND"):
            values = halves
        exact = True if op in EXACT else None
        yield unary(op, "float32_plain", FLOAT32, FLOAT32, values, exact)
    yield unary("GELU", "float32_tanh", FLOAT32, FLOAT32, approximate=True)
    for op, quantizations in SCALES.items():
        values = positive if op in ("LOG", "RSQRT", "SQRT") else all_values
        for index, (x_scale, x_zero, y_scale, y_zero) in enumerate(quantizations):
            x, y = scaled("int8", x_scale, x_zero), scaled("int8", y_scale, y_zero)
            yield unary(op, f"int8_scales{index}", x, y, values)
    yield unary("GELU", "int8_tanh", scaled("int8", 0.05, 3), scaled("int8", 0.04, -100),
                approximate=True)
    for op, x_scale, y_scale in (("EXP", 0.0001, 0.001), ("LOG", 0.001, 0.0002),
                                 ("RSQRT", 0.001, 0.001)):
        x, y = scaled("int16", x_scale), scaled("int16", y_scale)
        values = all_values if op != "RSQRT" else positive
        yield unary(op, "int16_plain", x, y, values)
    yield single("ABS", "int32_plain", [tensor(INT32, 3, 5)], [tensor(INT32)])
    yield single("NEG", "int32_plain", [tensor(INT32, 3, 5)], [tensor(INT32)])
    yield single("LOGICAL_NOT", "bool_plain", [tensor(BOOL, 3, 5)], [tensor(BOOL)])


def few(kind: Kind, shape: tuple) -> np.ndarray:
    """Small numbers of both signs, none of them 0, some of them equal."""
    count = int(np.prod(shape))
    values = np.array([3, -2, 1, 5, -4, 2, -1, 7])[np.arange(count) * 5 % 8]
    return values.astype(kind.dtype).reshape(shape)


def upwards(kind: Kind, shape: tuple) -> np.ndarray:
    """Small numbers from 1 up."""
    return (np.arange(int(np.prod(shape))) % 4 + 1).astype(kind.dtype).reshape(shape)


def pair(op: str, name: str, a: tuple, b: tuple, kinds: tuple, y: Kind, options=(), values=few,
         exact=None):
    inputs = [tensor(kinds[0], *a), tensor(kinds[1], *b)]
    return single(op, name, inputs, [tensor(y)], options, values=values, exact=exact)


def arithmetic():
    for name, (a, b) in SHAPES.items():
        for act in ("NONE", "RELU") if name == "same" else ("NONE",):
            options = {"fusedActivationFunction": activation(act)}
            suffix = f"{name}_{act.lower()}"
            yield pair("DIV", f"float32_{suffix}", a, b, (FLOAT32,) * 2, FLOAT32, options)
            for op in ("ADD", "SUB", "MUL", "DIV"):
                yield pair(op, f"int32_plain_{suffix}", a, b, (INT32,) * 2, INT32, options)
        for op in ("FLOOR_DIV", "FLOOR_MOD", "SQUARED_DIFFERENCE", "MAXIMUM", "MINIMUM"):
            yield pair(op, f"float32_{name}", a, b, (FLOAT32,) * 2, FLOAT32)
            yield pair(op, f"int32_{name}", a, b, (INT32,) * 2, INT32)
        yield pair("FLOOR_MOD", f"int64_{name}", a, b, (INT64,) * 2, INT64)
        yield pair("POW", f"float32_{name}", a, b, (FLOAT32,) * 2, FLOAT32, values=upwards)
        yield pair("POW", f"int32_{name}", a, b, (INT32,) * 2, INT32, values=upwards)
        if a == b:
            yield pair("ATAN2", f"float32_{name}", a, b, (FLOAT32,) * 2, FLOAT32)
        for op in ("MAXIMUM", "MINIMUM"):
            kinds = (scaled("int8", 0.05, 3),) * 2
            yield pair(op, f"int8_{name}", a, b, kinds, kinds[0], values=random_values)
            kinds = (scaled("int16", 0.05),) * 2
            yield pair(op, f"int16_{name}", a, b, kinds, kinds[0], values=random_values)
        for op in ("LOGICAL_AND", "LOGICAL_OR"):
            yield pair(op, f"bool_{name}", a, b, (BOOL,) * 2, BOOL, values=random_values)
    for index, (a, b, y) in enumerate((((0.05, 7), (0.08, -11), (0.4, -128)),
                                       ((0.02, -128), (0.02, 127), (0.3, 5)),
                                       ((0.5, 0), (0.003, 4), (9.0, -100)))):
        kinds = scaled("int8", *a), scaled("int8", *b)
        for name, (left, right) in SHAPES.items():
            yield pair("SQUARED_DIFFERENCE", f"int8_{name}_scales{index}", left, right, kinds,
                       scaled("int8", *y), values=random_values)


def comparisons():
    for op in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL"):
        for name, (a, b) in SHAPES.items():
            for kind in (FLOAT32, INT32, INT64):
                yield pair(op, f"{kind.dtype}_{name}", a, b, (kind,) * 2, BOOL)
            same = (scaled("int8", 0.05, 3),) * 2
            yield pair(op, f"int8_{name}_same_scale", a, b, same, BOOL)
            apart = scaled("int8", 0.1, 3), scaled("int8", 0.05, -8)
            yield pair(op, f"int8_{name}", a, b, apart, BOOL, values=random_values)
    for op in ("EQUAL", "NOT_EQUAL"):
        yield pair(op, "bool_same", (3, 4), (3, 4), (BOOL,) * 2, BOOL, values=random_values)


def choices():
    for op in ("SELECT", "SELECT_V2"):
        for kind in (FLOAT32, INT32, scaled("int8", 0.1, 3), scaled("int16", 0.1)):
            parts = [tensor(BOOL, 2, 3, 4), tensor(kind, 2, 3, 4), tensor(kind, 2, 3, 4)]
            yield single(op, f"{kind.dtype}_same", parts, [tensor(kind)], exact=True)
    parts = [tensor(BOOL, 2), tensor(FLOAT32, 2, 3, 4), tensor(FLOAT32, 2, 3, 4)]
    yield single("SELECT", "float32_rows", parts, [tensor(FLOAT32)], exact=True)
    for name, shapes in {"condition": ((3, 1), (2, 3, 4), (2, 3, 4)),
                         "all": ((1, 3, 1), (2, 1, 4), (4,)),
                         "scalars": ((), (2, 3), ())}.items():
        kinds = BOOL, FLOAT32, FLOAT32
        parts = [tensor(kind, *shape) for kind, shape in zip(kinds, shapes)]
        yield single("SELECT_V2", f"float32_broadcast_{name}", parts, [tensor(FLOAT32)], exact=True)


def casts():
    kinds = (FLOAT32, INT32, INT64, Kind("int16"), Kind("int8"), Kind("uint8"), BOOL)
    for x in kinds:
        for y in kinds:
            if x != y:
                # Floats outside the integers' range have no defined result.
                values = few if x == FLOAT32 or y == FLOAT32 else random_values
                values = upwards if x == FLOAT32 and y.dtype == "uint8" else values
                yield single("CAST", f"{x.dtype}_to_{y.dtype}", [tensor(x, 2, 9)], [tensor(y)],
                             None, values=values, exact=True)


def sums():
    for kind in (FLOAT32, INT32):
        for count in (2, 4):
            parts = [tensor(kind, 2, 3) for _ in range(count)]
            yield single("ADD_N", f"{kind.dtype}_of_{count}", parts, [tensor(kind)])


def cases():
    for family in (unaries, arithmetic, comparisons, choices, casts, sums):
        yield from family()
