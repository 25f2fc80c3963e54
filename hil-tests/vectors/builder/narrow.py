"""int8 activations with int4 weights, two to a byte."""

from dataclasses import replace

from . import convolution, dense

CONVOLUTIONS = (
    "k3x3_same", "k3x3_valid", "k1x1", "k1x1_valid_relu", "k2x2_even_same", "k5x3_odd", "stride2",
    "stride1x3", "dilation2", "kernel_bigger_same", "kernel_is_input", "batch2", "channels17",
    "relu6", "x_zero_min", "x_zero_max", "out_zero_min_relu", "multiplier_small", "saturating",
    "per_tensor", "groups2", "groups_are_channels", "no_bias", "multiplier2",
    "multiplier3_stride2", "channels17_stride2", "channels5_valid",
)
LAYERS = (
    "plain", "depth1", "one_row", "depth64", "batch3", "no_bias", "relu6", "rank3_keep",
    "rank4_folded", "x_zero_min", "x_zero_max", "saturating", "rounding",
)
PER_CHANNEL = ("plain", "batch3", "x_zero_min", "saturating", "rounding")


def named(specs, names):
    """The cases of these names, with weights of four bits."""
    for spec in specs:
        if spec.name in names:
            yield replace(spec, name=f"int4_{spec.name}", four_bits=True, weight_limit=7)


def cases():
    depthwise = [replace(w, out=1, x=(*w.x[:3], w.out)) for w in
                 (*convolution.SHAPES, *convolution.QUANTIZATIONS, *convolution.PER_TENSOR)]
    both = (
        ("CONV_2D", [*convolution.SHAPES, *convolution.QUANTIZATIONS, *convolution.PER_TENSOR,
                     *convolution.GROUPED]),
        ("DEPTHWISE_CONV_2D", [*depthwise, *convolution.MULTIPLIERS]),
    )
    for op, windows in both:
        for w in named(windows, CONVOLUTIONS):
            yield convolution.build(op, "int8", w)
    specs = dense.LAYERS + dense.QUANTIZATIONS
    for spec in named(specs, LAYERS):
        yield dense.build("int8", spec)
    for spec in specs:
        if spec.name in PER_CHANNEL:
            [spec] = named([spec], PER_CHANNEL)
            yield dense.build("int8", replace(spec, per_channel=True), "_per_channel")
