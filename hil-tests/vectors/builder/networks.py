"""Small graphs of several operators, for what single operators cannot show."""

from dataclasses import replace

import numpy as np

from .activations import PRESCRIBED
from .case import case, generator, random_values, tensor
from .graph import FLOAT32, Graph, Op, Tensor, activation, constant, padding, scaled
from .weights import OUTPUT_DEVIATION, Scheme, deviation, layer, steps

GRAPH = "GRAPH"
# Scale and zero points of every tensor inside; ReLU outputs use the zero point at the end.
INNER_SCALE = 0.05
INNER_ZERO = 4
LOGIT_SCALE = 0.02
NONE = {"fusedActivationFunction": activation("NONE")}


class Net:
    """Builds a graph layer by layer, with random weights and output scales that fit them."""

    def __init__(self, name: str):
        self.name = name
        self.dtype = name.split("_")[0]
        self.rng = generator(GRAPH, f"{name}/weights")
        self.ops = []

    def zero(self, act: str) -> int:
        return -128 if act == "RELU" else INNER_ZERO

    def kind(self, act: str = "NONE"):
        return scaled(self.dtype, INNER_SCALE, self.zero(act))

    def input(self, *shape: int) -> Tensor:
        return tensor(self.kind(), *shape)

    def op(self, name: str, inputs: list, options: dict | None = None, kind=None) -> Tensor:
        y = Tensor(kind or inputs[0].kind)
        self.ops.append(Op(name, inputs, [y], options or {}))
        return y

    def weighted(self, name, x, shape, axis, options, act="NONE", scale=INNER_SCALE) -> Tensor:
        """A layer with weights and biases whose outputs fill the range of `scale`."""
        scheme = Scheme(per_channel=self.dtype in ("int8", "int16"), spread=0.3)
        sums = deviation(scheme, x.kind, np.prod(shape) // shape[axis])
        fitting = OUTPUT_DEVIATION * steps(x.kind) * scale / (x.kind.scale * sums)
        weights, bias, _ = layer(
            self.rng, replace(scheme, weight_scale=fitting), x.kind, shape, axis)
        options = {**options, "fusedActivationFunction": activation(act)}
        kind = scaled(self.dtype, scale, self.zero(act))
        return self.op(name, [x, weights, bias], options, kind)

    def conv(self, x, channels, out, size=3, stride=1, act="RELU") -> Tensor:
        options = {"padding": padding("SAME"), "strideH": stride, "strideW": stride}
        shape = (out, size, size, channels)
        return self.weighted("CONV_2D", x, shape, 0, options, act)

    def depthwise(self, x, channels, stride=1) -> Tensor:
        options = {"padding": padding("SAME"), "strideH": stride, "strideW": stride,
                   "depthMultiplier": 1}
        return self.weighted("DEPTHWISE_CONV_2D", x, (1, 3, 3, channels), 3, options, "RELU")

    def dense(self, x, depth, out) -> Tensor:
        return self.weighted("FULLY_CONNECTED", x, (out, depth), 0, {}, scale=LOGIT_SCALE)

    def pool(self, op, x, size, stride, pad="VALID") -> Tensor:
        options = {"padding": padding(pad), "strideH": stride, "strideW": stride,
                   "filterHeight": size, "filterWidth": size, **NONE}
        return self.op(op, [x], options)

    def flat(self, x, size) -> Tensor:
        return self.op("RESHAPE", [x, constant((1, size))], {"newShape": [1, size]})

    def softmax(self, x) -> Tensor:
        return self.op("SOFTMAX", [x], {"beta": 1.0},
                       scaled(self.dtype, *PRESCRIBED["SOFTMAX"]))

    def case(self, inputs: list, outputs: list, exact=None):
        graph = Graph(self.ops, inputs, outputs)
        return case(GRAPH, self.name, graph, samples=4, exact=exact)


def residual(name: str):
    net = Net(name)
    x = net.input(1, 6, 6, 4)
    y = net.conv(net.conv(x, 4, 4), 4, 4, act="NONE")
    y = net.op("ADD", [x, y], {"fusedActivationFunction": activation("RELU")}, net.kind("RELU"))
    y = net.flat(net.pool("AVERAGE_POOL_2D", y, 3, 3), 16)
    return net.case([x], [net.softmax(net.dense(y, 16, 5))])


def inception(name: str):
    net = Net(name)
    x = net.conv(source := net.input(1, 6, 5, 3), 3, 4)
    branches = [net.conv(x, 4, 2, 1), net.conv(net.conv(x, 4, 3, 1), 3, 3), net.conv(x, 4, 2, 5),
                net.conv(net.pool("MAX_POOL_2D", x, 3, 1, "SAME"), 4, 2, 1)]
    y = net.op("CONCATENATION", branches, {"axis": 3, **NONE})
    return net.case([source], [net.conv(y, 9, 4, 1, act="NONE")])


def separable(name: str):
    net = Net(name)
    x = net.input(1, 8, 8, 1)
    y = net.conv(x, 1, 4, stride=2)
    y = net.conv(net.depthwise(y, 4, 2), 4, 8, 1)
    y = net.flat(net.pool("AVERAGE_POOL_2D", y, 2, 2), 8)
    return net.case([x], [net.softmax(net.dense(y, 8, 4))])


def two_inputs_two_outputs(name: str):
    net = Net(name)
    left, right = net.input(1, 4, 4, 3), net.input(1, 2, 2, 4)
    y = net.conv(left, 3, 4, stride=2)
    total = net.op("ADD", [y, right], NONE, scaled(net.dtype, 0.09, -20))
    product = net.op("MUL", [right, y], NONE, scaled(net.dtype, 0.2, 15))
    return net.case([left, right], [product, total])


def intermediate_output(name: str):
    net = Net(name)
    x = net.input(1, 5, 5, 2)
    inner = net.conv(x, 2, 3)
    last = net.dense(net.flat(net.pool("MAX_POOL_2D", inner, 2, 2), 12), 12, 4)
    return net.case([x], [last, inner])


def float_ends(name: str):
    net = Net(name)
    x = Tensor(FLOAT32, (1, 5, 4, 2))
    y = net.op("QUANTIZE", [x], None, scaled(net.dtype, 0.07, -3))
    y = net.dense(net.flat(net.conv(y, 2, 3, stride=2), 18), 18, 6)
    return net.case([x], [net.op("DEQUANTIZE", [y], None, FLOAT32)], exact=True)


def constant_branch(name: str):
    """A sum of two constants, which a converter may compute ahead."""
    net = Net(name)
    x = net.input(1, 3, 3, 2)
    parts = [constant(random_values(net.rng, x.kind, (1, 3, 3, 2)), x.kind) for _ in range(2)]
    total = net.op("ADD", parts, NONE, scaled(net.dtype, 0.08, 6))
    return net.case([x], [net.op("MUL", [x, total], NONE, scaled(net.dtype, 0.3, -4))])


def prune(layer: Tensor, net: Net, rows: tuple, columns: tuple):
    """Sets the weights of some outputs and of some inputs of the newest layer to zero."""
    weights = net.ops[-1].inputs[1]
    zero = weights.kind.zero_points[0] if weights.kind.zero_points else 0
    weights.data[list(rows)] = zero
    weights.data[..., list(columns)] = zero
    return layer


def pruned(name: str):
    """Channels that nothing reads, and channels that are the same everywhere."""
    net = Net(name)
    x = net.input(1, 6, 6, 3)
    y = prune(net.conv(x, 3, 7), net, (2, 5), ())
    y = net.depthwise(y, 7)
    y = prune(net.conv(y, 7, 6, 1), net, (0, 4), (1, 6))
    y = prune(net.conv(y, 6, 5, 3, act="NONE"), net, (3,), (2,))
    y = net.flat(net.pool("AVERAGE_POOL_2D", y, 3, 3), 20)
    return net.case([x], [prune(net.dense(y, 20, 4), net, (), (1, 6, 11, 16))])


def cases():
    yield residual("int8_residual")
    yield residual("float32_residual")
    yield inception("int8_inception")
    yield separable("int8_separable")
    yield separable("float32_separable")
    yield separable("uint8_separable")
    yield residual("uint8_residual")
    yield two_inputs_two_outputs("int8_two_inputs_two_outputs")
    yield two_inputs_two_outputs("float32_two_inputs_two_outputs")
    yield intermediate_output("int8_intermediate_output")
    yield float_ends("int8_float_ends")
    yield float_ends("uint8_float_ends")
    yield constant_branch("int8_constant_branch")
    for dtype in ("int8", "uint8", "int16", "float32"):
        yield pruned(f"{dtype}_pruned")
