"""FULLY_CONNECTED: ranks, biases, activations and quantization."""

from dataclasses import KW_ONLY, dataclass, replace

from .case import generator, single, tensor
from .graph import activation, scaled
from .weights import TIES, Scheme, layer


@dataclass(frozen=True)
class Layer(Scheme):
    """A fully connected layer of `out` rows of weights over `depth` values.

    The bias is given, is none (index -1), or is absent (only two inputs are listed).
    """

    name: str
    x: tuple
    depth: int
    out: int
    keep: bool = False
    bias: str = "given"
    samples: int = 4
    _: KW_ONLY
    x_zero: int = -7
    out_zero: int = 9


LAYERS = (
    Layer("plain", (1, 10), 10, 6),
    Layer("depth1", (1, 1), 1, 5, samples=16),
    Layer("one_row", (1, 33), 33, 1, samples=32),
    Layer("depth64", (1, 64), 64, 16),
    Layer("batch3", (3, 7), 7, 4),
    Layer("no_bias", (2, 9), 9, 5, bias="none"),
    Layer("bias_absent", (2, 9), 9, 5, bias="absent", act="RELU"),
    Layer("relu", (1, 16), 16, 8, act="RELU"),
    Layer("relu6", (1, 16), 16, 8, act="RELU6"),
    Layer("relu_n1_to_1", (1, 16), 16, 8, act="RELU_N1_TO_1"),
    Layer("rank1", (12,), 12, 4),
    Layer("rank3", (2, 3, 5), 5, 4),
    Layer("rank3_keep", (2, 3, 5), 5, 4, keep=True),
    Layer("rank4", (1, 2, 3, 4), 24, 5),
    Layer("rank4_folded", (1, 2, 3, 4), 12, 5),
    Layer("rank4_keep", (1, 2, 3, 4), 4, 5, keep=True, act="RELU"),
)
QUANTIZATIONS = (
    Layer("x_zero_min", (1, 16), 16, 8, x_zero=-128),
    Layer("x_zero_max", (1, 16), 16, 8, x_zero=127),
    Layer("out_zero_min_relu", (1, 16), 16, 8, out_zero=-128, act="RELU"),
    Layer("out_zero_max", (1, 16), 16, 8, out_zero=127),
    Layer("multiplier_above_1", (1, 8), 8, 8, gain=8.0, weight_limit=1, samples=16),
    Layer("multiplier_near_1", (1, 8), 8, 8, gain=2.7, weight_limit=1, samples=16),
    Layer("multiplier_third", (1, 8), 8, 8, weight_limit=1, spread=0.2, samples=16),
    Layer("ties", (1, 8), 8, 8, **TIES, multiplier=0.25, samples=16),
    Layer("ties_half", (1, 4), 4, 8, **TIES, multiplier=0.5, samples=16),
    Layer("multiplier_tiny", (1, 16), 16, 8, gain=1e-4, bias_size=9e3),
    Layer("multiplier_small", (1, 16), 16, 16, gain=0.02, samples=32),
    Layer("saturating", (1, 16), 16, 8, gain=6.0),
    Layer("rounding", (1, 24), 24, 16, gain=0.5, samples=64),
    Layer("scale_vanishing", (1, 12), 12, 6, first_scale=1e-10, per_channel=True),
)
PER_CHANNEL = (
    "plain", "batch3", "no_bias", "relu6", "rank4_keep", "x_zero_min", "out_zero_max",
    "multiplier_third", "ties", "multiplier_tiny", "rounding",
)
UNSIGNED = (
    "plain", "batch3", "no_bias", "relu", "relu6", "rank3_keep", "rank4", "x_zero_min",
    "out_zero_max", "multiplier_third", "ties", "multiplier_tiny", "saturating", "rounding",
)


def build(dtype: str, spec: Layer, suffix: str = ""):
    name = f"{dtype}_{spec.name}{suffix}"
    rng = generator("FULLY_CONNECTED", f"{name}/weights")
    x = tensor(scaled(dtype, spec.x_scale, spec.x_zero), *spec.x)
    weights, bias, y = layer(rng, spec, x.kind, (spec.out, spec.depth), 0)
    biases = {"given": [bias], "none": [None], "absent": []}[spec.bias]
    options = {"fusedActivationFunction": activation(spec.act), "keepNumDims": spec.keep}
    return single("FULLY_CONNECTED", name, [x, weights, *biases], [tensor(y)], options,
                  samples=spec.samples)


def cases():
    specs = LAYERS + QUANTIZATIONS
    for spec in specs:
        yield build("int8", spec)
    for spec in (spec for spec in specs if spec.name in PER_CHANNEL):
        yield build("int8", replace(spec, per_channel=True), "_per_channel")
    for spec in LAYERS:
        yield build("float32", spec)
    for spec in (spec for spec in specs if spec.name in UNSIGNED):
        yield build("uint8", spec)
