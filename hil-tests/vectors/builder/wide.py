"""int16 activations, which are symmetric: with int8 weights where there are weights."""

from dataclasses import replace

from . import activations, arithmetic, convolution, dense, layout, pooling, reduction
from .case import all_values, random_values, single, tensor
from .graph import FLOAT32, activation, constant, scaled

CONVOLUTIONS = (
    "k3x3_same", "k3x3_valid", "k1x1", "k1x1_valid_relu", "k2x2_even_same", "stride2",
    "stride1x3", "dilation2", "dilation2_valid", "kernel_bigger_same", "kernel_is_input", "batch2",
    "batch2_stride2_relu6", "channels17", "channels1", "relu", "relu6", "relu_n1_to_1",
    "multiplier_above_1", "multiplier_third", "ties", "ties_half", "multiplier_tiny",
    "multiplier_small", "scales_far_apart", "scale_vanishing", "saturating", "bias_large",
    "per_tensor", "groups2", "groups3_stride2", "no_bias", "multiplier2", "multiplier3_stride2",
    "channels17_stride2",
)
# Repeated with a bias of 32 bits, which makes sums of 32 bits.
NARROW_SUMS = (
    "k3x3_same", "k1x1_valid_relu", "stride2", "channels17", "multiplier_above_1",
    "multiplier_third", "ties", "saturating", "groups2", "scales_far_apart",
)
LAYERS = (
    "plain", "depth1", "depth64", "batch3", "no_bias", "bias_absent", "relu", "relu6", "rank3_keep",
    "rank4_folded", "multiplier_above_1", "multiplier_third", "ties", "ties_half",
    "multiplier_tiny", "multiplier_small", "saturating", "rounding", "scale_vanishing",
)
NARROW_LAYERS = (
    "plain", "batch3", "relu6", "multiplier_above_1", "multiplier_third", "ties", "saturating",
    "rounding",
)
PAIRS = (
    "same", "rank0", "scalar_right", "scalar_left", "channel", "column_channel", "batch",
    "both_sides_rank4", "constant_right", "constant_left_broadcast", "twice", "relu", "relu6",
    "relu_n1_to_1", "scale_a_large", "scale_b_large", "saturating", "output_coarse",
)
POOLS = (
    "k2x2", "k2x2_odd_same", "k3x3_stride1_same", "kernel_bigger_same", "global", "batch2",
    "channels17", "relu", "relu6", "ties",
)
# Exponents of two of both operands' scales and of the output's.
POWERS = {"left": (-10, -9, -9), "right": (-9, -12, -9), "none": (-9, -9, -9)}
MANY = (1, 2048)
# Input scales of LOGISTIC and TANH; 2^-12 and 2^-11 take a short cut.
CURVES = {
    "power": 2**-12,
    "power_twice": 2**-11,
    "power_small": 2**-15,
    "scale_small": 0.00003,
    "scale_middle": 0.00021,
    "scale_large": 0.0013,
    "scale_huge": 0.11,
}
# Input scale and output scale.
RELUS = {
    "same": (0.0002, 0.0002),
    "output_finer": (0.0004, 0.00013),
    "output_coarser": (0.0002, 0.0005),
    "output_much_finer": (0.002, 0.00005),
}
SOFTMAXES = {
    "rank1": ((10,), 1.0, 0.0004),
    "rank2_batch3": ((3, 5), 1.0, 0.0002),
    "rank4": ((1, 2, 2, 7), 1.0, 0.0003),
    "depth1": ((1, 1), 1.0, 0.0004),
    "depth2": ((1, 2), 1.0, 0.0001),
    "depth100": ((1, 100), 1.0, 0.0001),
    "depth600": ((1, 600), 1.0, 0.00002),
    "beta_half": ((2, 9), 0.5, 0.0004),
    "beta_10": ((2, 9), 10.0, 0.00001),
    "scale_1": ((2, 9), 1.0, 1.0),
    "scale_small": ((2, 9), 1.0, 0.00001),
}
AXES = ("height_width", "height_width_keep", "channel", "outer_and_inner", "all", "rank5", "batch")


def named(specs, names):
    return (spec for spec in specs if spec.name in names)


def convolutions():
    depthwise = [replace(w, out=1, x=(*w.x[:3], w.out)) for w in
                 (*convolution.SHAPES, *convolution.QUANTIZATIONS, *convolution.PER_TENSOR)]
    both = (
        ("CONV_2D", [*convolution.SHAPES, *convolution.QUANTIZATIONS, *convolution.PER_TENSOR,
                     *convolution.GROUPED]),
        ("DEPTHWISE_CONV_2D", [*depthwise, *convolution.MULTIPLIERS]),
    )
    for op, windows in both:
        for w in named(windows, CONVOLUTIONS):
            yield convolution.build(op, "int16", w)
    # TFLite takes the bias for one of 64 bits.
    for w in named(both[0][1], NARROW_SUMS):
        w = replace(w, name=f"{w.name}_bias32", bias_type="int32")
        yield replace(convolution.build("CONV_2D", "int16", w), micro_only=True)


def layers():
    specs = dense.LAYERS + dense.QUANTIZATIONS
    for spec in named(specs, LAYERS):
        yield dense.build("int16", spec)
    for spec in named(specs, NARROW_LAYERS):
        yield dense.build("int16", replace(spec, per_channel=True), "_per_channel")
        for suffix, per_channel in (("_bias32", False), ("_bias32_per_channel", True)):
            narrow = replace(spec, bias_type="int32", per_channel=per_channel)
            yield replace(dense.build("int16", narrow, suffix), micro_only=True)


def arithmetics():
    specs = arithmetic.SHAPES + arithmetic.QUANTIZATIONS
    for op in ("ADD", "SUB", "MUL"):
        for pair in named(specs, PAIRS):
            yield arithmetic.build(op, "int16", pair)
    for op in ("ADD", "SUB"):
        for name, exponents in POWERS.items():
            for short_cut in (True, False):
                yield powers(op, f"{name}{'' if short_cut else '_general'}", exponents, short_cut)


def powers(op: str, name: str, exponents: tuple, short_cut: bool):
    """Scales that are powers of two, for which the older kernels shift instead of multiplying."""
    a, b, y = (scaled("int16", 2.0**exponent) for exponent in exponents)
    options = {"fusedActivationFunction": activation("NONE"), "potScaleInt16": short_cut}
    x = [tensor(a, 1, 4, 60), tensor(b, 1, 4, 60)]
    return single(op, f"int16_powers_{name}", x, [tensor(y)], options)


def unary(op: str, name: str, scale: float, out_scale: float, **options):
    x, y = tensor(scaled("int16", scale), *MANY), tensor(scaled("int16", out_scale))
    return single(op, f"int16_{name}", [x], [y], options, values=all_values)


def curves():
    for op in ("LOGISTIC", "TANH"):
        for name, scale in CURVES.items():
            yield unary(op, name, scale, 2**-15)
    for op in ("RELU", "RELU6"):
        for name, scales in RELUS.items():
            yield unary(op, name, *scales)
    yield unary("RELU_N1_TO_1", "same", *RELUS["same"])
    for slope_name, slope in activations.SLOPES.items():
        for name, scales in RELUS.items():
            yield unary("LEAKY_RELU", f"{slope_name}_{name}", *scales, alpha=slope)
    for name, (shape, beta, scale) in SOFTMAXES.items():
        x, y = scaled("int16", scale), scaled("int16", 2**-15)
        yield single("SOFTMAX", f"int16_{name}", [tensor(x, *shape)], [tensor(y)], {"beta": beta},
                     samples=4)


def means():
    for axes in AXES:
        for name, out_scale in (("same", 0.05), ("scales_differ", 0.031)):
            shape, axis, keep = reduction.AXES[axes]
            x, y = tensor(scaled("int16", 0.05), *shape), tensor(scaled("int16", out_scale))
            yield single("MEAN", f"int16_{axes}_{name}", [x, constant(axis)], [y],
                         {"keepDims": keep}, samples=3)


def conversions():
    for source, target, scale, zero, out_scale, out_zero in (
        ("int16", "int16", 0.0004, 0, 0.00013, 0),
        ("int16", "int16", 0.0004, 0, 0.0011, 0),
        ("int16", "int8", 0.0004, 0, 0.1, -128),
        ("int16", "int8", 0.0004, 0, 0.05, 11),
        ("int8", "int16", 0.1, 5, 0.0004, 0),
        ("int8", "int16", 0.1, -128, 0.001, 0),
    ):
        x, y = scaled(source, scale, zero), scaled(target, out_scale, out_zero)
        name = f"{source}_to_{target}_{str(out_scale).replace('.', '_')}"
        made = single("QUANTIZE", name, [tensor(x, *MANY)], [tensor(y, *MANY)], values=all_values)
        yield replace(made, micro_only=target == "int16" and source == "int8")
    yield single("QUANTIZE", "float32_to_int16_spread", [tensor(FLOAT32, *MANY)],
                 [tensor(scaled("int16", 2**-12))], values=all_values)


def cases():
    yield from convolutions()
    yield from layers()
    yield from arithmetics()
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for pool in named(pooling.POOLS, POOLS):
            scale = pool.scale if pool.act == "NONE" else 6 / 80 / 256
            yield pooling.build(op, "int16", replace(pool, scale=scale))
    yield from curves()
    yield from means()
    yield from conversions()
    families = (layout.reshapes, layout.paddings, layout.joins, layout.splits, layout.slices,
                layout.transposes)
    for family in families:
        yield from list(family("int16"))[2::3]
