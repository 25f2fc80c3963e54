"""A test case: a graph with samples of its inputs."""

import zlib
from dataclasses import dataclass

import numpy as np

from .graph import Graph, Kind, Op, Tensor


@dataclass
class Case:
    """`op` names the folder, `name` the files. `exact` asks for equal bytes; with `micro_only` the
    outputs are those of tflite-micro."""

    op: str
    name: str
    dtype: str
    graph: Graph
    inputs: list
    exact: bool
    micro_only: bool = False


def generator(op: str, name: str) -> np.random.Generator:
    """Random numbers of one case, so that adding a case leaves all others as they are."""
    return np.random.default_rng(zlib.crc32(f"{op}/{name}".encode()))


def random_values(rng: np.random.Generator, kind: Kind, shape: tuple) -> np.ndarray:
    """The full range of integers; floats of both signs, mostly below 6."""
    if kind.dtype.startswith("float"):
        return (rng.standard_normal(shape) * 3).astype(kind.dtype)
    if kind.dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    limits = np.iinfo(kind.dtype)
    return rng.integers(limits.min, limits.max, shape, kind.dtype, endpoint=True)


def all_values(kind: Kind, shape: tuple) -> np.ndarray:
    """Every value of an 8-bit type in turn, evenly spaced ones of int16, or floats from -8 to 8."""
    count = int(np.prod(shape))
    if kind.dtype == "float32":
        return np.linspace(-8, 8, count, dtype=np.float32).reshape(shape)
    if kind.dtype == "int16":
        return np.linspace(-(2**15), 2**15 - 1, count).round().astype(np.int16).reshape(shape)
    lowest = np.iinfo(kind.dtype).min
    return (np.arange(count) % 256 + lowest).astype(kind.dtype).reshape(shape)


def single(op, name, inputs, outputs, options=(), *, values=random_values, samples=2,
           exact=None) -> Case:
    """A case of one operator. Inputs without data are the graph's inputs."""
    options = None if options is None else dict(options)
    fed = list(dict.fromkeys(t for t in inputs if t is not None and t.data is None))
    graph = Graph([Op(op, inputs, outputs, options)], fed, outputs)
    return case(op, name, graph, values=values, samples=samples, exact=exact)


def case(op, name, graph, *, values=random_values, samples=2, exact=None) -> Case:
    """A case with random samples. Integers are compared exactly unless told otherwise."""
    rng = generator(op, name)
    inputs = []
    for tensor in graph.inputs:
        if values is random_values:
            drawn = [random_values(rng, tensor.kind, tensor.shape) for _ in range(samples)]
            inputs.append(np.stack(drawn))
        else:
            inputs.append(values(tensor.kind, tensor.shape)[None])
    if exact is None:
        exact = all(t.kind.dtype != "float32" for t in graph.outputs)
    dtype = name.split("_")[0]
    return Case(op, name, dtype, graph, inputs, exact)


def tensor(kind: Kind, *shape: int) -> Tensor:
    return Tensor(kind, shape)
