"""Operators that move elements to other places."""

from .case import single, tensor
from .graph import FLOAT32, INT32, constant, scaled

INT8 = scaled("int8", 0.1, -7)
INT16 = scaled("int16", 0.1)


def moved(op, name, kinds, shape, more=(), options=()):
    for kind in kinds:
        yield single(op, f"{kind.dtype}_{name}", [tensor(kind, *shape), *map(constant, more)],
                     [tensor(kind)], options, exact=True)


def cases():
    kinds = FLOAT32, INT8
    for name, shape, multiples in (("rank1", (3,), (4,)), ("rank2", (2, 3), (3, 2)),
                                   ("rank4", (1, 2, 3, 2), (2, 1, 3, 2)),
                                   ("ones", (2, 3), (1, 1)), ("rank5", (2, 1, 2, 1, 3), (2,) * 5)):
        yield from moved("TILE", name, (FLOAT32, INT32, INT8), shape, [multiples])
    for name, shape, target in (("row", (3,), (2, 3)), ("column", (2, 1), (2, 4)),
                                ("middle", (2, 1, 3), (2, 5, 3)), ("new", (1,), (2, 2, 3))):
        yield from moved("BROADCAST_TO", name, (FLOAT32, INT32, INT8), shape, [target])
    for name, axes in (("first", (0,)), ("last", (2,)), ("negative", (-2,))):
        yield from moved("REVERSE_V2", name, (FLOAT32, INT32, INT8), (2, 3, 4), [axes])
    for mode, name in ((0, "reflect"), (1, "symmetric")):
        pairs = ((0, 0), (1, 1), (2, 1), (0, 2))
        yield from moved("MIRROR_PAD", name, (FLOAT32, INT8), (1, 2, 3, 4), [pairs], {"mode": mode})
        yield from moved("MIRROR_PAD", f"{name}_rank2", (FLOAT32,), (3, 4), [((2, 1), (1, 3))],
                         {"mode": mode})
    yield from moved("SPACE_TO_DEPTH", "block2", kinds, (2, 4, 6, 3), (), {"blockSize": 2})
    yield from moved("SPACE_TO_DEPTH", "block3", kinds, (1, 6, 3, 2), (), {"blockSize": 3})
    yield from moved("DEPTH_TO_SPACE", "block2", kinds, (2, 2, 3, 12), (), {"blockSize": 2})
    yield from moved("DEPTH_TO_SPACE", "block3", kinds, (1, 2, 1, 18), (), {"blockSize": 3})
    for name, shape, block, pairs in (
            ("plain", (1, 4, 6, 2), (2, 3), ((0, 0), (0, 0))),
            ("padded", (2, 3, 5, 2), (2, 2), ((1, 0), (2, 1))),
            ("rank3", (2, 5, 3), (3,), ((1, 0),))):
        yield from moved("SPACE_TO_BATCH_ND", name, kinds, shape, [block, pairs])
    for name, shape, block, pairs in (
            ("plain", (6, 2, 3, 2), (2, 3), ((0, 0), (0, 0))),
            ("cropped", (8, 2, 3, 2), (2, 2), ((1, 0), (2, 1))),
            ("rank3", (6, 2, 3), (3,), ((1, 2),))):
        yield from moved("BATCH_TO_SPACE_ND", name, kinds, shape, [block, pairs])
    for axis in (0, 1, -1):
        for kind in (FLOAT32, INT32, INT8):
            name = f"{kind.dtype}_axis{axis % 3}"
            parts = [tensor(kind, 2, 3) for _ in range(4)]
            yield single("PACK", name, parts, [tensor(kind)], {"valuesCount": 4, "axis": axis},
                         exact=True)
            outputs = [tensor(kind) for _ in range((2, 3, 4)[axis])]
            yield single("UNPACK", name, [tensor(kind, 2, 3, 4)], outputs,
                         {"num": len(outputs), "axis": axis}, exact=True)
    for axis, sizes in ((0, (1, 3)), (1, (2, -1, 1)), (-1, (4, 1))):
        shape = (4, 6, 5)
        for kind in (FLOAT32, INT8, INT16):
            outputs = [tensor(kind) for _ in sizes]
            yield single("SPLIT_V", f"{kind.dtype}_axis{axis % 3}",
                         [tensor(kind, *shape), constant(sizes), constant(axis)], outputs,
                         {"numSplits": len(sizes)}, exact=True)
    yield single("FILL", "float32_fed", [constant((2, 3)), tensor(FLOAT32, *())], [tensor(FLOAT32)],
                 exact=True)
    yield single("FILL", "int8_fed", [constant((2, 3)), tensor(INT8, *())], [tensor(INT8)])
