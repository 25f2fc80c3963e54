"""Scales at which a factor made of them in float32 and in float64 gives other outputs: TFLite takes
the one, tflite-micro the other. They were found by trying random scales."""

import numpy as np

from .case import all_values, random_values, single, tensor
from .graph import activation, constant, scaled

# Scales of input and output.
RATIOS = (
    (0.2254113107919693, 0.21826569736003876),
    (0.1781740039587021, 0.11375278234481812),
)
# Scale of the input, slope, scale of the output.
SLOPES = (
    (0.21372073888778687, 0.12324544042348862, 0.07309694588184357),
    (0.06310434639453888, 0.6034190058708191, 0.11960183084011078),
)
# Scales of two operands and of the output.
PRODUCTS = (
    (0.011376814916729927, 0.25103795528411865, 0.506591260433197),
    (0.25087815523147583, 0.1793900430202484, 9.247087478637695),
)
# Scale and zero point of inputs at which a float table and fixed-point LOGISTIC part.
LOGISTICS = ((0.0022190362215042114, 0), (0.015474936924874783, -34))


def unary(op: str, index: int, x: tuple, y: tuple, constants=(), **options):
    return single(op, f"int8_precision{index}", [tensor(scaled("int8", *x), 1, 256), *constants],
                  [tensor(scaled("int8", *y))], options, values=all_values)


def cases():
    for index, (x, y) in enumerate(RATIOS):
        for op in ("RELU", "RELU_N1_TO_1"):
            yield unary(op, index, (x, -128), (y, -128))
        alpha = constant([5], scaled("int8", 0.1, 0))
        yield unary("PRELU", index, (x, -128), (y, -128), [alpha])
    for index, (x, slope, y) in enumerate(SLOPES):
        yield unary("LEAKY_RELU", index, (x, 127), (y, 127), alpha=slope)
    for index, (a, b, y) in enumerate(PRODUCTS):
        yield single("MUL", f"int8_precision{index}",
                     [tensor(scaled("int8", a, 0), 256, 1), tensor(scaled("int8", b, 0), 1, 256)],
                     [tensor(scaled("int8", y, 0))],
                     {"fusedActivationFunction": activation("NONE")}, values=all_values)
        slopes = constant(np.arange(-128, 128), scaled("int8", b, 0))
        yield single("PRELU", f"int8_precision_product{index}",
                     [tensor(scaled("int8", a, 127), 64, 256), slopes],
                     [tensor(scaled("int8", y, 0))], {}, values=random_values)
    for index, x in enumerate(LOGISTICS):
        yield unary("LOGISTIC", index, x, (1 / 256, -128))
