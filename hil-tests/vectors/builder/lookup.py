"""Elements that indices name, and products of matrices that are computed."""

from .case import random_values, single, tensor
from .graph import FLOAT32, INT32, INT64, constant, scaled

INT8 = scaled("int8", 0.1, -7)
# Shape of x, indices, axis, leading axes that both have.
GATHERS = {
    "first": ((5, 3), (4, 0, 2), 0, 0),
    "last": ((2, 3, 4), ((3, 0), (1, 1)), -1, 0),
    "middle": ((2, 3, 4), (2, 0), 1, 0),
    "scalar": ((4, 3), 2, 0, 0),
    "batch": ((2, 3, 4), ((0, 2), (1, 1)), 1, 1),
    "batch_last": ((2, 3, 4), ((0, 3), (1, 2)), 2, 1),
}
TUPLES = {
    "elements": ((2, 3), ((0, 1), (1, 2), (0, 0))),
    "rows": ((3, 4), ((2,), (0,))),
    "nested": ((2, 3, 4), (((0, 1), (1, 2)), ((1, 0), (0, 0)))),
}
PRODUCTS = {
    "rank2": ((3, 4), (4, 5), False, False),
    "adj_y": ((3, 4), (5, 4), False, True),
    "adj_x": ((4, 3), (4, 5), True, False),
    "both": ((2, 4, 3), (2, 5, 4), True, True),
    "batch": ((2, 3, 2, 4), (2, 3, 4, 3), False, False),
    "broadcast": ((2, 1, 2, 4), (3, 4, 3), False, False),
}


def cases():
    for name, (shape, index, axis, batch) in GATHERS.items():
        for kind in (FLOAT32, INT32, INT8):
            for index_kind in (INT32, INT64):
                yield single("GATHER", f"{kind.dtype}_{name}_{index_kind.dtype}",
                             [tensor(kind, *shape), constant(index, index_kind)], [tensor(kind)],
                             {"axis": axis, "batchDims": batch}, exact=True)
    for name, (shape, index) in TUPLES.items():
        for kind in (FLOAT32, INT8):
            yield single("GATHER_ND", f"{kind.dtype}_{name}",
                         [tensor(kind, *shape), constant(index)], [tensor(kind)], exact=True)
    for kind in (FLOAT32, INT8):
        yield single("EMBEDDING_LOOKUP", f"{kind.dtype}_rows",
                     [constant((2, 0, 3)), tensor(kind, 4, 5)], [tensor(kind)], exact=True)
    for name, (a, b, adj_x, adj_y) in PRODUCTS.items():
        options = {"adjX": adj_x, "adjY": adj_y}
        yield single("BATCH_MATMUL", f"float32_{name}", [tensor(FLOAT32, *a), tensor(FLOAT32, *b)],
                     [tensor(FLOAT32)], options)
        for index, (left, right, y) in enumerate((((0.05, 7), (0.03, -11), (0.3, 4)),
                                                  ((0.02, -128), (0.02, 127), (0.1, -50)))):
            parts = [tensor(scaled("int8", *left), *a), tensor(scaled("int8", *right), *b)]
            yield single("BATCH_MATMUL", f"int8_{name}_scales{index}", parts,
                         [tensor(scaled("int8", *y))], options, values=random_values)
        parts = [tensor(scaled("int16", 0.0005), *a), tensor(scaled("int16", 0.0003), *b)]
        yield single("BATCH_MATMUL", f"int16_{name}", parts, [tensor(scaled("int16", 0.01))],
                     options)
