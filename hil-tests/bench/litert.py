"""LiteRT with XNNPACK as the other side of a comparison in one run.

usage: litert.py MODEL.tflite INPUT...   (a file with the bytes of each input)

Says "ready", then for each line "N" on standard input runs N inferences and prints the nanoseconds
that they took together.
"""

import sys
import time

import numpy
from ai_edge_litert.interpreter import Interpreter


def main():
    model, files = sys.argv[1], sys.argv[2:]
    interpreter = Interpreter(model_path=model, num_threads=1)
    interpreter.allocate_tensors()
    for detail, file in zip(interpreter.get_input_details(), files, strict=True):
        value = numpy.fromfile(file, dtype=detail["dtype"]).reshape(detail["shape"])
        interpreter.set_tensor(detail["index"], value)
    # The call beneath `invoke`, without its checks in Python.
    inner = getattr(interpreter, "_interpreter", None)
    invoke = getattr(inner, "Invoke", interpreter.invoke)
    invoke()
    print("ready", flush=True)
    for line in sys.stdin:
        count = range(int(line))
        start = time.perf_counter_ns()
        for _ in count:
            invoke()
        print(time.perf_counter_ns() - start, flush=True)


main()
