"""Runs cases on the TFLite reference kernels and on tflite-micro."""

import numpy as np
import tensorflow as tf
from tflite_micro import runtime

MICRO_ARENA_BYTES = 1 << 20


class Rejected(Exception):
    """An interpreter does not accept the model."""


RESOLVERS = tf.lite.experimental.OpResolverType


def interpreter_of(flatbuffer: bytes, resolver=RESOLVERS.BUILTIN_REF):
    """The reference kernels, or the others for operators that have no reference kernel."""
    try:
        interpreter = tf.lite.Interpreter(
            model_content=flatbuffer, experimental_op_resolver_type=resolver)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        if "Didn't find op" in reason and resolver == RESOLVERS.BUILTIN_REF:
            return interpreter_of(flatbuffer, RESOLVERS.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
        raise Rejected(reason) from error
    return interpreter


# Operators whose reference kernel is wrong: it ignores the last neighbour.
OTHERS = ("LOCAL_RESPONSE_NORMALIZATION",)


def infer_shapes(graph):
    """Write into the graph the shapes of results that TFLite finds."""
    interpreter = interpreter_of(graph.pack())
    shapes = {detail["index"]: detail["shape"] for detail in interpreter.get_tensor_details()}
    for index, tensor in enumerate(graph.tensors()):
        if tensor.data is None:
            tensor.shape = tuple(int(extent) for extent in shapes[index])


def run_reference(flatbuffer: bytes, inputs: list, op: str = "") -> list:
    """Outputs of the TFLite reference kernels, each [samples, ...]."""
    others = RESOLVERS.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = interpreter_of(flatbuffer, others if op in OTHERS else RESOLVERS.BUILTIN_REF)
    sources = [detail["index"] for detail in interpreter.get_input_details()]
    targets = [detail["index"] for detail in interpreter.get_output_details()]
    results = []
    for sample in range(len(inputs[0])):
        for source, values in zip(sources, inputs):
            interpreter.set_tensor(source, values[sample])
        try:
            interpreter.invoke()
        except RuntimeError as error:
            raise Rejected(str(error).strip().splitlines()[0]) from error
        results.append([interpreter.get_tensor(target) for target in targets])
    return [np.stack(outputs) for outputs in zip(*results)]


def run_micro(flatbuffer: bytes, inputs: list, outputs: int) -> list:
    """Outputs of tflite-micro, each [samples, ...]."""
    results = []
    try:
        interpreter = runtime.Interpreter.from_bytes(flatbuffer, arena_size=MICRO_ARENA_BYTES)
        for sample in range(len(inputs[0])):
            for index, values in enumerate(inputs):
                interpreter.set_input(values[sample], index)
            interpreter.invoke()
            results.append([interpreter.get_output(index).copy() for index in range(outputs)])
    except (RuntimeError, ValueError) as error:
        raise Rejected(str(error).strip().splitlines()[0]) from error
    return [np.stack(outputs) for outputs in zip(*results)]
