"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from dataclasses import dataclass

from .case import single, tensor
from .graph import activation, padding, scaled


@dataclass(frozen=True)
class Pool:
    """One pooling window; input and output share their quantization, as TFLite demands."""

    name: str
    x: tuple
    kernel: tuple = (2, 2)
    stride: tuple = (2, 2)
    pad: str = "VALID"
    act: str = "NONE"
    scale: float = 0.1
    zero: int = 5


POOLS = (
    Pool("k2x2", (1, 4, 6, 3)),
    Pool("k2x2_odd_same", (1, 5, 5, 3), pad="SAME"),
    Pool("k3x3_stride1_same", (1, 4, 5, 2), (3, 3), (1, 1), "SAME"),
    Pool("k3x2_stride1x2", (1, 6, 5, 2), (3, 2), (1, 2), "SAME"),
    Pool("k1x3_stride3", (1, 4, 7, 2), (1, 3), (3, 1), "VALID"),
    Pool("k1x1_stride2", (1, 5, 5, 2), (1, 1)),
    Pool("kernel_bigger_same", (1, 2, 3, 2), (5, 5), (1, 1), "SAME"),
    Pool("global", (1, 7, 7, 4), (7, 7), (1, 1)),
    Pool("global_stride", (1, 3, 5, 5), (3, 5), (3, 5)),
    Pool("batch2", (2, 4, 4, 3)),
    Pool("channels17", (1, 4, 4, 17), (3, 3), (1, 1), "SAME"),
    Pool("channels1", (1, 8, 8, 1), (3, 3), (3, 3), "SAME"),
    Pool("relu", (1, 4, 6, 3), act="RELU"),
    Pool("relu6", (1, 4, 6, 3), act="RELU6"),
    Pool("relu_n1_to_1", (1, 4, 6, 3), act="RELU_N1_TO_1"),
    Pool("zero_min", (1, 4, 6, 3), zero=-128),
    Pool("zero_max", (1, 4, 6, 3), zero=127),
    Pool("ties", (1, 8, 8, 4), (2, 1), (2, 1)),
)
UNSIGNED = (
    "k2x2", "k2x2_odd_same", "k3x3_stride1_same", "global", "batch2", "relu", "relu6", "ties",
    "channels17",
)


def build(op: str, dtype: str, pool: Pool):
    kind = scaled(dtype, pool.scale, pool.zero)
    options = {
        "padding": padding(pool.pad),
        "filterHeight": pool.kernel[0],
        "filterWidth": pool.kernel[1],
        "strideH": pool.stride[0],
        "strideW": pool.stride[1],
        "fusedActivationFunction": activation(pool.act),
    }
    exact = op == "MAX_POOL_2D" or dtype != "float32"
    return single(op, f"{dtype}_{pool.name}", [tensor(kind, *pool.x)], [tensor(kind)], options,
                  exact=exact)


def cases():
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for pool in POOLS:
            yield build(op, "int8", pool)
        for pool in POOLS:
            if not pool.name.startswith("zero"):
                yield build(op, "float32", pool)
        for pool in POOLS:
            if pool.name in UNSIGNED:
                yield build(op, "uint8", pool)
