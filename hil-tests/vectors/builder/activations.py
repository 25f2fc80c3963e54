"""Activation functions as operators. Unary 8-bit cases see all 256 inputs."""

from .case import all_values, generator, random_values, single, tensor
from .graph import constant, scaled

EVERY = (1, 256)
# Outputs that TFLite prescribes, as scale and int8 zero point.
PRESCRIBED = {
    "LOGISTIC": (1 / 256, -128),
    "SOFTMAX": (1 / 256, -128),
    "TANH": (1 / 128, 0),
}
# Input scale and zero point.
CURVES = {
    "scale_small": (0.01, 0),
    "scale_middle": (0.047, -3),
    "scale_large": (0.25, 12),
    "scale_1": (1.0, -1),
    "scale_tiny": (0.0007, 5),
    "scale_huge": (7.5, 5),
    "zero_min": (0.03, -128),
    "zero_max": (0.05, 127),
}
# Input scale, input zero point, output scale, output zero point.
RELUS = {
    "same": (0.05, -7, 0.05, -7),
    "output_finer": (0.1, 3, 0.031, -128),
    "output_coarser": (0.04, 5, 0.11, -20),
    "zeros_min": (0.06, -128, 0.05, -128),
    "zero_high": (0.05, 90, 0.04, 60),
    "output_zero_high": (0.02, 0, 0.03, 90),
    "multiplier_8": (0.4, -2, 0.05, 10),
    "multiplier_small": (0.002, 3, 0.05, 1),
}
HARD_SWISHES = {
    "scale_small": (0.012, 0, 0.01, -100),
    "scale_middle": (0.05, -4, 0.04, -110),
    "scale_large": (0.2, 9, 0.19, -120),
    "scale_1": (1.0, 0, 1.0, 0),
    "output_coarse": (0.05, 3, 0.3, 20),
    "output_fine": (0.08, -9, 0.006, -40),
    "zeros_min": (0.04, -128, 0.05, -128),
    "zero_max": (0.06, 127, 0.01, 100),
    "output_zero_max": (0.03, 10, 0.03, 127),
    "same": (0.047, -12, 0.047, -12),
}
SLOPES = {
    "slope_0_1": 0.1,
    "slope_0_3": 0.3,
    "slope_0": 0.0,
    "slope_1_5": 1.5,
    "slope_negative": -0.5,
}
SOFTMAXES = {
    "rank1": ((10,), 1.0, 0.1),
    "rank2": ((1, 12), 1.0, 0.1),
    "rank2_batch3": ((3, 5), 1.0, 0.06),
    "rank3": ((2, 3, 6), 1.0, 0.05),
    "rank4": ((1, 2, 2, 7), 1.0, 0.08),
    "depth1": ((1, 1), 1.0, 0.1),
    "depth2": ((1, 2), 1.0, 0.03),
    "depth100": ((1, 100), 1.0, 0.02),
    "beta_half": ((2, 9), 0.5, 0.1),
    "beta_2": ((2, 9), 2.0, 0.03),
    "beta_10": ((2, 9), 10.0, 0.002),
    "scale_small": ((2, 9), 1.0, 0.004),
    "scale_1": ((2, 9), 1.0, 1.0),
    "scale_large": ((2, 9), 1.0, 6.0),
    "beta_0_01": ((2, 9), 0.01, 0.5),
}
ALPHAS = {
    "channel": ((1, 3, 4, 5), (1, 1, 5)),
    "channel_rank1": ((1, 3, 4, 5), (5,)),
    "full": ((1, 3, 4, 5), (3, 4, 5)),
    "scalar": ((1, 3, 4, 5), (1, 1, 1)),
    "row": ((1, 3, 4, 5), (3, 1, 1)),
    "batch2": ((2, 2, 3, 4), (1, 1, 4)),
    "rank2": ((4, 6), (6,)),
}


def unary(op: str, name: str, dtype: str, x: tuple, y: tuple, **options):
    kinds = scaled(dtype, *x), scaled(dtype, *y)
    return single(op, f"{dtype}_{name}", [tensor(kinds[0], *EVERY)], [tensor(kinds[1])], options,
                  values=all_values, exact=exact_float(op, dtype))


def exact_float(op: str, dtype: str):
    """Comparing and choosing is exact in floats too; None leaves the usual rule."""
    return True if op.startswith("RELU") and dtype == "float32" else None


def curves(op: str):
    for name, x in CURVES.items():
        yield unary(op, name, "int8", x, PRESCRIBED[op])
        if name in ("scale_middle", "scale_large", "zero_max"):
            yield unary(op, name, "uint8", x, PRESCRIBED[op])
    yield unary(op, "plain", "float32", (1.0, 0), (1.0, 0))


def relus(op: str):
    for name, (scale, zero, out_scale, out_zero) in RELUS.items():
        yield unary(op, name, "int8", (scale, zero), (out_scale, out_zero))
        if name in ("same", "output_finer", "zero_high"):
            yield unary(op, name, "uint8", (scale, zero), (out_scale, out_zero))
    yield unary(op, "plain", "float32", (1.0, 0), (1.0, 0))


def leaky_relus():
    for slope_name, slope in SLOPES.items():
        for name in ("same", "output_finer", "output_coarser", "zeros_min"):
            scale, zero, out_scale, out_zero = RELUS[name]
            x, y = (scale, zero), (out_scale, out_zero)
            yield unary("LEAKY_RELU", f"{slope_name}_{name}", "int8", x, y, alpha=slope)
            if name == "output_finer":
                yield unary("LEAKY_RELU", f"{slope_name}_{name}", "uint8", x, y, alpha=slope)
        yield unary("LEAKY_RELU", slope_name, "float32", (1.0, 0), (1.0, 0), alpha=slope)


def hard_swishes():
    for name, (scale, zero, out_scale, out_zero) in HARD_SWISHES.items():
        yield unary("HARD_SWISH", name, "int8", (scale, zero), (out_scale, out_zero))
        if name in ("scale_middle", "output_fine"):
            yield unary("HARD_SWISH", name, "uint8", (scale, zero), (out_scale, out_zero))
    yield unary("HARD_SWISH", "plain", "float32", (1.0, 0), (1.0, 0))


def softmaxes():
    for name, (shape, beta, scale) in SOFTMAXES.items():
        for dtype in ("int8", "float32", "uint8"):
            x, y = scaled(dtype, scale, 14), scaled(dtype, *PRESCRIBED["SOFTMAX"])
            yield single("SOFTMAX", f"{dtype}_{name}", [tensor(x, *shape)], [tensor(y)],
                         {"beta": beta}, samples=4)


def prelus():
    for dtype in ("int8", "float32", "uint8"):
        for name, (shape, alpha_shape) in ALPHAS.items():
            yield prelu(dtype, name, shape, alpha_shape, 0.07, 0.004)
    yield prelu("int8", "alpha_input", (1, 3, 4, 5), (1, 1, 5), 0.07, 0.004, fixed=False)
    yield prelu("int8", "alpha_large", (1, 3, 4, 5), (1, 1, 5), 0.3, 0.1)
    yield prelu("int8", "saturating", (1, 3, 4, 5), (1, 1, 5), 0.01, 0.02)
    yield prelu("int8", "output_coarse", (1, 3, 4, 5), (1, 1, 5), 0.4, 0.008)


def prelu(dtype, name, shape, alpha_shape, out_scale, alpha_scale, fixed=True):
    name = f"{dtype}_{name}"
    x, y = scaled(dtype, 0.05, 9), scaled(dtype, out_scale, -6)
    alpha_kind = scaled(dtype, alpha_scale, 20)
    alpha = tensor(alpha_kind, *alpha_shape)
    if fixed:
        rng = generator("PRELU", f"{name}/alpha")
        alpha = constant(random_values(rng, alpha_kind, alpha_shape), alpha_kind)
    return single("PRELU", name, [tensor(x, *shape), alpha], [tensor(y)], samples=3)


def cases():
    for op in ("LOGISTIC", "TANH"):
        yield from curves(op)
    for op in ("RELU", "RELU6", "RELU_N1_TO_1"):
        yield from relus(op)
    yield from leaky_relus()
    yield from hard_swishes()
    yield from prelus()
    yield from softmaxes()
