"""TFLite files written through the schema's object API, so every attribute can be chosen."""

from dataclasses import dataclass, field

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

OPTIONS = {
    "ABS": "AbsOptions",
    "ADD": "AddOptions",
    "ADD_N": "AddNOptions",
    "ARG_MAX": "ArgMaxOptions",
    "ARG_MIN": "ArgMinOptions",
    "ATAN2": "ATan2Options",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions",
    "BROADCAST_ARGS": None,
    "BROADCAST_TO": "BroadcastToOptions",
    "CAST": "CastOptions",
    "CEIL": None,
    "CONCATENATION": "ConcatenationOptions",
    "CONV_2D": "Conv2DOptions",
    "COS": "CosOptions",
    "CUMSUM": "CumsumOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "DEPTH_TO_SPACE": "DepthToSpaceOptions",
    "DEQUANTIZE": "DequantizeOptions",
    "DIV": "DivOptions",
    "ELU": None,
    "EMBEDDING_LOOKUP": None,
    "EQUAL": "EqualOptions",
    "EXP": "ExpOptions",
    "EXPAND_DIMS": "ExpandDimsOptions",
    "FILL": "FillOptions",
    "FLOOR": None,
    "FLOOR_DIV": "FloorDivOptions",
    "FLOOR_MOD": "FloorModOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "GATHER": "GatherOptions",
    "GATHER_ND": "GatherNdOptions",
    "GELU": "GeluOptions",
    "GREATER": "GreaterOptions",
    "GREATER_EQUAL": "GreaterEqualOptions",
    "HARD_SWISH": "HardSwishOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "LESS": "LessOptions",
    "LESS_EQUAL": "LessEqualOptions",
    "LOCAL_RESPONSE_NORMALIZATION": "LocalResponseNormalizationOptions",
    "LOG": None,
    "LOGICAL_AND": "LogicalAndOptions",
    "LOGICAL_NOT": "LogicalNotOptions",
    "LOGICAL_OR": "LogicalOrOptions",
    "LOGISTIC": None,
    "LOG_SOFTMAX": "LogSoftmaxOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MIRROR_PAD": "MirrorPadOptions",
    "MUL": "MulOptions",
    "NEG": "NegOptions",
    "NOT_EQUAL": "NotEqualOptions",
    "PACK": "PackOptions",
    "PAD": "PadOptions",
    "PADV2": "PadV2Options",
    "POW": "PowOptions",
    "PRELU": None,
    "QUANTIZE": "QuantizeOptions",
    "RANGE": "RangeOptions",
    "RANK": "RankOptions",
    "REDUCE_ALL": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "RELU": None,
    "RELU6": None,
    "RELU_N1_TO_1": None,
    "RESHAPE": "ReshapeOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions",
    "REVERSE_V2": "ReverseV2Options",
    "ROUND": None,
    "RSQRT": None,
    "SELECT": "SelectOptions",
    "SELECT_V2": "SelectV2Options",
    "SHAPE": "ShapeOptions",
    "SIGN": "SignOptions",
    "SIN": None,
    "SLICE": "SliceOptions",
    "SOFTMAX": "SoftmaxOptions",
    "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
    "SPACE_TO_DEPTH": "SpaceToDepthOptions",
    "SPLIT": "SplitOptions",
    "SPLIT_V": "SplitVOptions",
    "SQRT": None,
    "SQUARE": "SquareOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions",
    "SQUEEZE": "SqueezeOptions",
    "STRIDED_SLICE": "StridedSliceOptions",
    "SUB": "SubOptions",
    "SUM": "ReducerOptions",
    "TANH": None,
    "TILE": "TileOptions",
    "TOPK_V2": "TopKV2Options",
    "TRANSPOSE": "TransposeOptions",
    "TRANSPOSE_CONV": "TransposeConvOptions",
    "UNPACK": "UnpackOptions",
    "ZEROS_LIKE": "ZerosLikeOptions",
}
# Operators whose first version knows int8 already, and those where a later one does.
FIRST_VERSION_INT8 = (
    "EXPAND_DIMS", "HARD_SWISH", "PRELU", "QUANTIZE", "RELU_N1_TO_1", "RESHAPE", "SQUEEZE",
)
INT8_VERSION = {"CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 4}
# The versions that know int16 activations, where it is not the third.
INT16_VERSION = {
    "CONV_2D": 4, "DEPTHWISE_CONV_2D": 5, "EXPAND_DIMS": 1, "FULLY_CONNECTED": 7, "LEAKY_RELU": 2,
    "MUL": 4, "QUANTIZE": 2, "RELU": 2, "RELU_N1_TO_1": 1, "RESHAPE": 1, "SPLIT": 4, "SQUEEZE": 1,
    "STRIDED_SLICE": 4, "SUB": 5, "TRANSPOSE": 4,
}
# Operators of which the first version does for all types that the interpreters check when they run.
FIRST_VERSION = frozenset(OPTIONS) - frozenset((
    "ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D",
    "DEQUANTIZE", "EXPAND_DIMS", "FULLY_CONNECTED", "HARD_SWISH", "LEAKY_RELU",
    "LOGISTIC", "MAX_POOL_2D", "MEAN", "MUL", "PAD",
    "PADV2", "PRELU", "QUANTIZE", "RELU", "RELU6",
    "RELU_N1_TO_1", "RESHAPE", "SLICE", "SOFTMAX", "SPLIT",
    "SQUEEZE", "STRIDED_SLICE", "SUB", "TANH", "TRANSPOSE",
))
INT4_VERSION = {"CONV_2D": 7, "DEPTHWISE_CONV_2D": 6, "FULLY_CONNECTED": 10}
LATER_VERSION = {"BROADCAST_TO": 2, "TRANSPOSE_CONV": 3}
BUFFER_ALIGNMENT = 16


@dataclass(frozen=True)
class Kind:
    """Element type and quantization; scales and zero points are empty for plain numbers."""

    dtype: str
    scales: tuple = ()
    zero_points: tuple = ()
    axis: int = 0

    @property
    def scale(self) -> float:
        return self.scales[0] if self.scales else 1.0


FLOAT32 = Kind("float32")
FLOAT16 = Kind("float16")
INT32 = Kind("int32")
INT64 = Kind("int64")
BOOL = Kind("bool")


def scaled(dtype: str, scale: float = 1.0, zero_point: int = 0) -> Kind:
    """A per-tensor kind. The zero point is that of int8; uint8 gets it 128 higher, int16 has none."""
    if dtype in ("float32", "float16"):
        return Kind(dtype)
    if dtype == "int16":
        zero_point = 0
    return Kind(dtype, (float(np.float32(scale)),), (zero_point + 128 * (dtype == "uint8"),))


@dataclass(eq=False)
class Tensor:
    """A tensor of a graph: constant when it has data. The shape of a result is found later."""

    kind: Kind
    shape: tuple = (1,)
    data: np.ndarray | None = None


def constant(values, kind: Kind = INT32) -> Tensor:
    data = np.ascontiguousarray(values, kind.dtype).reshape(np.shape(values))
    return Tensor(kind, data.shape, data)


def nibbles(values, kind: Kind) -> Tensor:
    """A constant of four-bit integers, two to a byte, the first in the low half."""
    flat = np.asarray(values, np.int8).reshape(-1).view(np.uint8) & 15
    pairs = np.append(flat, np.zeros(flat.size % 2, np.uint8)).reshape(-1, 2)
    return Tensor(kind, np.shape(values), pairs[:, 0] | pairs[:, 1] << 4)


@dataclass
class Op:
    """An operator; options of None leave the whole options table out of the file."""

    name: str
    inputs: list
    outputs: list
    options: dict | None = field(default_factory=dict)


class AlignedBuffer(schema.BufferT):
    """A buffer whose bytes start on the 16-byte boundary that the schema asks for."""

    def Pack(self, builder):
        builder.StartVector(1, len(self.data), BUFFER_ALIGNMENT)
        builder.head -= len(self.data)
        builder.Bytes[builder.head:builder.head + len(self.data)] = self.data
        vector = builder.EndVector()
        schema.BufferStart(builder)
        schema.BufferAddData(builder, vector)
        return schema.BufferEnd(builder)


@dataclass
class Graph:
    """One subgraph: its operators in order, its inputs and its outputs."""

    ops: list
    inputs: list
    outputs: list

    def tensors(self) -> list:
        """Every tensor once, in order of first use; an absent optional input is None."""
        listed = {}
        for tensors in [self.inputs, *(op.inputs + op.outputs for op in self.ops)]:
            listed.update((id(tensor), tensor) for tensor in tensors if tensor is not None)
        return list(listed.values())

    def pack(self) -> bytes:
        """The bytes of the .tflite file."""
        tensors = self.tensors()
        index = {id(tensor): position for position, tensor in enumerate(tensors)}
        names = sorted({op.name for op in self.ops})
        buffers, packed = [schema.BufferT()], []
        for position, tensor in enumerate(tensors):
            packed.append(pack_tensor(tensor, f"t{position}"))
            if tensor.data is not None:
                packed[-1].buffer = len(buffers)
                buffers.append(AlignedBuffer(data=tensor.data.tobytes()))

        def indices(members):
            return [-1 if tensor is None else index[id(tensor)] for tensor in members]

        operators = [
            pack_op(op, names.index(op.name), indices(op.inputs), indices(op.outputs))
            for op in self.ops
        ]
        codes = [op_code(name, tensors) for name in names]
        subgraph = schema.SubGraphT(
            packed, indices(self.inputs), indices(self.outputs), operators, "main")
        model = schema.ModelT(3, codes, [subgraph], "smidge test vector", buffers)
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def pack_tensor(tensor: Tensor, name: str):
    kind = tensor.kind
    quantization = None
    if kind.scales:
        quantization = schema.QuantizationParametersT(
            scale=list(kind.scales),
            zeroPoint=list(kind.zero_points),
            quantizedDimension=kind.axis,
        )
    return schema.TensorT(
        shape=list(tensor.shape),
        type=getattr(schema.TensorType, kind.dtype.upper()),
        name=name,
        quantization=quantization,
    )


def pack_op(op: Op, code: int, inputs: list, outputs: list):
    packed = schema.OperatorT(code, inputs, outputs)
    options = OPTIONS[op.name]
    if options is not None and op.options is not None:
        packed.builtinOptionsType = getattr(schema.BuiltinOptions, options)
        packed.builtinOptions = getattr(schema, f"{options}T")(**op.options)
    return packed


def op_code(name: str, tensors: list):
    """Operator code, with the lowest version that allows the types in the file."""
    code = getattr(schema.BuiltinOperator, name)
    dtypes = {tensor.kind.dtype for tensor in tensors}
    later = "int8" in dtypes and name not in FIRST_VERSION_INT8
    version = INT8_VERSION.get(name, 2) if later else 1
    if "int16" in dtypes:
        version = INT16_VERSION.get(name, 3)
    if "int4" in dtypes:
        version = INT4_VERSION.get(name, version)
    if name in FIRST_VERSION:
        version = LATER_VERSION.get(name, 1)
    return schema.OperatorCodeT(min(code, 127), None, version, code)


def activation(name: str) -> int:
    return getattr(schema.ActivationFunctionType, name)


def padding(name: str) -> int:
    return getattr(schema.Padding, name)
