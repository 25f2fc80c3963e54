"""CONV_2D and DEPTHWISE_CONV_2D on every axis of shape, quantization and attribute."""

from dataclasses import KW_ONLY, dataclass, replace

from .case import generator, single, tensor
from .graph import activation, padding, scaled
from .weights import TIES, Scheme, layer

@dataclass(frozen=True)
class Window(Scheme):
    """One convolution. `out` is the filter count, or the depth multiplier when depthwise."""

    name: str
    x: tuple
    out: int
    kernel: tuple = (3, 3)
    stride: tuple = (1, 1)
    dilation: tuple = (1, 1)
    pad: str = "SAME"
    groups: int = 1
    bias: bool = True
    _: KW_ONLY
    per_channel: bool = True


SHAPES = (
    Window("k3x3_same", (1, 5, 5, 3), 4),
    Window("k3x3_valid", (1, 5, 5, 3), 4, pad="VALID"),
    Window("k1x1", (1, 4, 3, 8), 16, (1, 1)),
    Window("k1x1_valid_relu", (1, 3, 3, 17), 5, (1, 1), pad="VALID", act="RELU"),
    Window("k1x1_stride2", (1, 5, 5, 4), 3, (1, 1), (2, 2)),
    Window("k2x2_even_same", (1, 5, 4, 2), 3, (2, 2)),
    Window("k5x3_odd", (1, 7, 6, 1), 2, (5, 3)),
    Window("k1x4_row", (1, 3, 9, 2), 3, (1, 4)),
    Window("k4x1_column", (1, 9, 2, 2), 3, (4, 1), pad="VALID"),
    Window("stride2", (1, 7, 7, 3), 4, stride=(2, 2)),
    Window("stride2_even", (1, 6, 8, 3), 4, stride=(2, 2)),
    Window("stride2x1", (1, 7, 5, 2), 3, stride=(2, 1), pad="VALID"),
    Window("stride1x3", (1, 4, 8, 2), 3, stride=(1, 3)),
    Window("stride3x2", (1, 9, 7, 2), 3, (2, 2), (3, 2)),
    Window("stride_above_kernel", (1, 8, 8, 2), 3, (2, 2), (3, 3), pad="VALID"),
    Window("dilation2", (1, 7, 7, 2), 3, dilation=(2, 2)),
    Window("dilation2_valid", (1, 7, 6, 2), 3, dilation=(2, 2), pad="VALID"),
    Window("dilation1x3", (1, 5, 9, 2), 3, dilation=(1, 3)),
    Window("dilation3x2_kernel2", (1, 8, 6, 3), 2, (2, 2), dilation=(3, 2)),
    Window("kernel_bigger_same", (1, 2, 3, 2), 3, (5, 5)),
    Window("kernel_bigger_stride2", (1, 3, 2, 2), 3, (7, 5), (2, 2)),
    Window("kernel_is_input", (1, 4, 5, 3), 6, (4, 5), pad="VALID"),
    Window("batch2", (2, 4, 4, 3), 5),
    Window("batch2_stride2_relu6", (2, 5, 3, 2), 3, stride=(2, 2), act="RELU6"),
    Window("channels1", (1, 6, 5, 1), 1),
    Window("channels17", (1, 3, 4, 17), 17),
    Window("channels4", (1, 4, 4, 4), 8),
    Window("relu", (1, 4, 4, 3), 4, act="RELU"),
    Window("relu6", (1, 4, 4, 3), 4, act="RELU6"),
    Window("relu_n1_to_1", (1, 4, 4, 3), 4, act="RELU_N1_TO_1"),
)
QUANTIZATIONS = (
    Window("x_zero_min", (1, 4, 4, 3), 4, x_zero=-128),
    Window("x_zero_max", (1, 4, 4, 3), 4, x_zero=127),
    Window("out_zero_min_relu", (1, 4, 4, 3), 4, out_zero=-128, act="RELU"),
    Window("out_zero_max", (1, 4, 4, 3), 4, out_zero=127),
    Window("relu6_beyond_range", (1, 4, 4, 3), 4, out_zero=60, act="RELU6"),
    Window("all_zeros_extreme", (1, 4, 4, 3), 4, x_zero=-128, out_zero=127, gain=2.0),
    Window("multiplier_above_1", (1, 4, 4, 2), 3, (2, 2), gain=3.0, weight_limit=1),
    Window("multiplier_above_1_3x3", (1, 4, 4, 1), 4, gain=5.0, weight_limit=1, bias_size=0.3),
    Window("multiplier_third", (1, 5, 5, 2), 4, (2, 2), weight_limit=1, spread=0.2),
    Window("ties", (1, 5, 5, 2), 4, (2, 2), **TIES, multiplier=0.25),
    Window("ties_half", (1, 5, 5, 1), 4, (2, 2), **TIES, multiplier=0.5, act="RELU"),
    Window("multiplier_tiny", (1, 4, 4, 3), 4, gain=1e-4, bias_size=9e3),
    Window("multiplier_small", (1, 4, 4, 3), 4, gain=0.02),
    Window("scales_far_apart", (1, 4, 4, 3), 8, spread=4.0),
    Window("scale_vanishing", (1, 4, 4, 3), 4, first_scale=1e-10),
    Window("saturating", (1, 4, 4, 3), 4, gain=6.0),
    Window("bias_large", (1, 4, 4, 3), 4, bias_size=3.0),
)
PER_TENSOR = (
    Window("per_tensor", (1, 5, 5, 3), 4, per_channel=False),
    Window("per_tensor_relu", (1, 4, 4, 5), 7, (1, 1), act="RELU", per_channel=False),
)
GROUPED = (
    Window("groups2", (1, 5, 5, 4), 6, groups=2),
    Window("groups3_stride2", (1, 5, 5, 9), 6, stride=(2, 2), groups=3, act="RELU"),
    Window("groups_are_channels", (1, 4, 4, 4), 4, groups=4, pad="VALID"),
)
# Without a third input; TFLite allows that for depthwise convolution alone.
MULTIPLIERS = (
    Window("no_bias", (1, 4, 4, 4), 1, bias=False),
    Window("no_bias_1x1_relu", (1, 3, 3, 6), 1, (1, 1), act="RELU", bias=False),
    Window("multiplier2", (1, 5, 5, 3), 2),
    Window("multiplier3_stride2", (1, 6, 5, 2), 3, stride=(2, 2)),
    Window("multiplier4_one_channel", (1, 5, 5, 1), 4),
    Window("multiplier4_1x1", (1, 3, 3, 3), 4, (1, 1)),
    Window("multiplier2_dilation2", (1, 6, 6, 2), 2, dilation=(2, 2), act="RELU"),
    Window("multiplier8_one_channel", (1, 6, 4, 1), 8, (4, 3), (2, 2), act="RELU"),
    Window("channels16", (1, 5, 5, 16), 1),
    Window("channels5_valid", (1, 5, 5, 5), 1, pad="VALID"),
    Window("channels17_stride2", (1, 5, 5, 17), 1, stride=(2, 2)),
)
# Cases worth repeating with float32 and with uint8.
FLOATS = (
    "k3x3_same", "k3x3_valid", "k1x1", "k1x1_valid_relu", "k2x2_even_same", "k5x3_odd",
    "stride2_even", "stride1x3", "stride3x2", "dilation2_valid", "dilation1x3",
    "kernel_bigger_same", "kernel_is_input", "batch2_stride2_relu6", "channels17", "relu6",
    "relu_n1_to_1", "no_bias", "groups2", "groups3_stride2", "multiplier2",
    "multiplier4_one_channel", "multiplier2_dilation2", "channels16",
)
UNSIGNED = (
    "k3x3_same", "k1x1_valid_relu", "k2x2_even_same", "stride2", "stride1x3", "dilation2",
    "kernel_bigger_same", "kernel_is_input", "batch2", "channels17", "relu6", "no_bias",
    "x_zero_min", "x_zero_max", "out_zero_max", "multiplier_above_1", "multiplier_third",
    "ties", "multiplier_tiny", "saturating", "multiplier2", "multiplier3_stride2", "groups2",
)


def filter_shape(op: str, w: Window) -> tuple:
    if op == "CONV_2D":
        return (w.out, *w.kernel, w.x[3] // w.groups)
    return (1, *w.kernel, w.x[3] * w.out)


def build(op: str, dtype: str, w: Window):
    name = f"{dtype}_{w.name}"
    rng = generator(op, f"{name}/weights")
    axis = 0 if op == "CONV_2D" else 3
    x = tensor(scaled(dtype, w.x_scale, w.x_zero), *w.x)
    weights, bias, y = layer(rng, w, x.kind, filter_shape(op, w), axis)
    inputs = [x, weights, bias] if w.bias else [x, weights]
    options = {
        "padding": padding(w.pad),
        "strideH": w.stride[0],
        "strideW": w.stride[1],
        "dilationHFactor": w.dilation[0],
        "dilationWFactor": w.dilation[1],
        "fusedActivationFunction": activation(w.act),
    }
    if op == "DEPTHWISE_CONV_2D":
        options["depthMultiplier"] = w.out
    return single(op, name, inputs, [tensor(y)], options)


def cases():
    depthwise = [
        replace(w, out=1, x=(*w.x[:3], w.out)) for w in SHAPES + QUANTIZATIONS + PER_TENSOR
    ]
    for op, windows in (
        ("CONV_2D", [*SHAPES, *QUANTIZATIONS, *PER_TENSOR, *GROUPED]),
        ("DEPTHWISE_CONV_2D", [*depthwise, *MULTIPLIERS]),
    ):
        for w in windows:
            yield build(op, "int8", w)
        for w in (w for w in windows if w.name in FLOATS):
            yield build(op, "float32", w)
        for w in (w for w in windows if w.name in UNSIGNED):
            yield build(op, "uint8", w)
