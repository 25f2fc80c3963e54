"""ADD, SUB and MUL: broadcasting, constants, the same tensor twice, activations, scales."""

from dataclasses import dataclass

from .case import all_values, generator, random_values, single, tensor
from .graph import activation, constant, scaled


@dataclass(frozen=True)
class Pair:
    """Two operands. `fixed` names the constant one, if any; `twice` feeds one tensor to both."""

    name: str
    a: tuple = (1, 3, 4, 5)
    b: tuple = (1, 3, 4, 5)
    act: str = "NONE"
    fixed: str = ""
    twice: bool = False
    a_scale: float = 0.05
    b_scale: float = 0.08
    a_zero: int = 7
    b_zero: int = -11
    out_zero: int = 4
    gain: float = 1.0


SHAPES = (
    Pair("same"),
    Pair("rank1", (9,), (9,)),
    Pair("rank2", (3, 7), (3, 7)),
    Pair("rank0", (), ()),
    Pair("scalar_right", b=()),
    Pair("scalar_left", a=()),
    Pair("one_right", b=(1,)),
    Pair("one_left", a=(1, 1, 1, 1)),
    Pair("channel", b=(5,)),
    Pair("channel_rank4_left", a=(1, 1, 1, 5)),
    Pair("row", b=(1, 3, 1, 1)),
    Pair("column_channel", b=(4, 5)),
    Pair("spatial", b=(3, 4, 1)),
    Pair("batch", (2, 3, 2, 2), (1, 3, 2, 2)),
    Pair("rank_differs", (2, 3, 4), (3, 4)),
    Pair("rank_differs_left", (4,), (2, 3, 4)),
    Pair("both_sides", (2, 1, 3), (1, 4, 3)),
    Pair("both_sides_rank4", (2, 1, 4, 1), (1, 3, 1, 5)),
    Pair("both_sides_ranks", (3, 1), (2, 1, 4)),
    Pair("rank5", (2, 1, 2, 1, 3), (1, 3, 1, 2, 1)),
    Pair("constant_right", fixed="b"),
    Pair("constant_left", fixed="a"),
    Pair("constant_channel", b=(5,), fixed="b"),
    Pair("constant_scalar", b=(), fixed="b"),
    Pair("constant_left_broadcast", a=(1, 4, 1), fixed="a"),
    Pair("twice", twice=True),
    Pair("relu", act="RELU"),
    Pair("relu6", act="RELU6"),
    Pair("relu_n1_to_1", act="RELU_N1_TO_1"),
    Pair("relu_broadcast", (1, 3, 4, 5), (5,), "RELU"),
)
QUANTIZATIONS = (
    Pair("zeros_min", a_zero=-128, b_zero=-128, out_zero=-128),
    Pair("zeros_max", a_zero=127, b_zero=127, out_zero=60),
    Pair("zeros_apart", a_zero=-128, b_zero=127, out_zero=0),
    Pair("scale_a_large", a_scale=4.0, b_scale=0.003),
    Pair("scale_b_large", a_scale=0.001, b_scale=1.5),
    Pair("saturating", gain=6.0),
    Pair("output_coarse", gain=0.05),
    Pair("output_few_steps", gain=0.03),
)
EXHAUSTIVE = Pair("every_left_value", (256, 1), (1, 24))
UNSIGNED = (
    "same", "scalar_right", "channel", "both_sides_rank4", "constant_right", "twice", "relu6",
    "zeros_apart", "scale_a_large", "saturating",
)


def output_scale(op: str, pair: Pair) -> float:
    """A scale that lets the largest results saturate, when gain is one."""
    if pair.act in ("RELU6", "RELU_N1_TO_1"):
        return {"RELU6": 6.0, "RELU_N1_TO_1": 1.0}[pair.act] / 80.0
    if op == "MUL":
        return pair.a_scale * pair.b_scale * 74.0 * 74.0 / 60.0 / pair.gain
    return (pair.a_scale**2 + pair.b_scale**2) ** 0.5 * 74.0 / 60.0 / pair.gain


def build(op: str, dtype: str, pair: Pair, values=random_values):
    name = f"{dtype}_{pair.name}"
    rng = generator(op, f"{name}/constant")
    a_kind = scaled(dtype, pair.a_scale, pair.a_zero)
    b_kind = scaled(dtype, pair.b_scale, pair.b_zero)
    a, b = tensor(a_kind, *pair.a), tensor(b_kind, *pair.b)
    if pair.fixed == "a":
        a = constant(random_values(rng, a_kind, pair.a), a_kind)
    if pair.fixed == "b":
        b = constant(random_values(rng, b_kind, pair.b), b_kind)
    if pair.twice:
        b = a
    y = tensor(scaled(dtype, output_scale(op, pair), pair.out_zero))
    options = {"fusedActivationFunction": activation(pair.act)}
    return single(op, name, [a, b], [y], options, values=values)


def cases():
    for op in ("ADD", "SUB", "MUL"):
        for pair in SHAPES + QUANTIZATIONS:
            yield build(op, "int8", pair)
        yield build(op, "int8", EXHAUSTIVE, all_values)
        for pair in SHAPES if op == "ADD" else SHAPES[::3]:
            yield build(op, "float32", pair)
        for pair in SHAPES + QUANTIZATIONS:
            if pair.name in UNSIGNED:
                yield build(op, "uint8", pair)
