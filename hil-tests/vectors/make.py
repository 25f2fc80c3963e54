#!/usr/bin/env python3
"""Write the golden vectors: tiny .tflite models with inputs and the outputs TFLite gives.

Needs tensorflow 2.21 and tflite-micro. Writes next to this file, one folder per operator, and
the index cases.json. Cases that TFLite rejects are printed and left out.

    python make.py [--only OP]
"""

import argparse
import importlib.metadata
import json
import shutil
from pathlib import Path

import numpy as np

from builder import activations, arithmetic, boundaries, conversions, convolution, dense, layout
from builder import functions, images, lookup, narrow, networks, pooling, precision, rearrange
from builder import reduction, run, scans, wide

FAMILIES = (convolution, dense, boundaries, pooling, arithmetic, activations, precision, reduction,
            conversions, layout, networks, wide, narrow, functions, scans, rearrange, lookup, images)
ROOT = Path(__file__).parent
# Floats this close are the same answer computed in another order.
FLOAT_TOLERANCE = 1e-5

# What smidge refuses with this code, as TFLite does when it runs: models without inputs and outputs.
REFUSED = {"RELU_N1_TO_1/int16_same": "E0502"}

# What tflite-micro computes wrongly: it ignores the activation, and pads with what is in memory; or
# has a table for other values.
MICRO_DEFECTS = {
    "ADD/int32_plain_same_relu", "RSQRT/int16_plain",
    *(f"SPACE_TO_BATCH_ND/{dtype}_{name}" for dtype in ("float32", "int8")
      for name in ("padded", "rank3")),
}


def same(case, reference: list, micro: list) -> bool:
    """Whether tflite-micro agrees: to the byte for integers, closely for floats."""
    for left, right in zip(reference, micro):
        if left.shape != right.shape or left.dtype != right.dtype:
            return False
        close = np.allclose(left, right, FLOAT_TOLERANCE, FLOAT_TOLERANCE)
        if not (np.array_equal(left, right) if case.exact else close):
            return False
    return True


def save(folder: Path, case_name: str, suffix: str, arrays: list):
    for index, values in enumerate(arrays):
        path = folder / f"{case_name}.{suffix}{index}.npy"
        np.save(path, np.ascontiguousarray(values).reshape(values.shape))


def write(case) -> dict:
    """Run one case, write its files and return its entry in the index."""
    if case.micro_only:
        return write_micro(case)
    if f"{case.op}/{case.name}" in REFUSED:
        return write_refused(case)
    run.infer_shapes(case.graph)
    flatbuffer = case.graph.pack()
    reference = run.run_reference(flatbuffer, case.inputs, case.op)
    folder = ROOT / case.op.lower()
    folder.mkdir(exist_ok=True)
    (folder / f"{case.name}.tflite").write_bytes(flatbuffer)
    entry = {
        "op": case.op,
        "case": case.name,
        "dtype": case.dtype,
        "tolerance": "exact" if case.exact else "float",
        "inputs": len(case.inputs),
        "outputs": len(reference),
    }
    save(folder, case.name, "in", case.inputs)
    save(folder, case.name, "out", reference)
    try:
        if f"{case.op}/{case.name}" in MICRO_DEFECTS:
            raise run.Rejected("tflite-micro is wrong")
        micro = run.run_micro(flatbuffer, case.inputs, len(reference))
    except run.Rejected:
        entry["tflm"] = "unsupported"
        return entry
    entry["tflm"] = "same" if same(case, reference, micro) else "differs"
    if entry["tflm"] == "differs":
        save(folder, case.name, "tflm", micro)
    return entry


def write_refused(case) -> dict:
    """The model alone of a case that nobody runs."""
    run.infer_shapes(case.graph)
    folder = ROOT / case.op.lower()
    folder.mkdir(exist_ok=True)
    (folder / f"{case.name}.tflite").write_bytes(case.graph.pack())
    return {
        "op": case.op,
        "case": case.name,
        "dtype": case.dtype,
        "tolerance": "exact",
        "inputs": len(case.inputs),
        "outputs": len(case.graph.outputs),
        "refused": REFUSED[f"{case.op}/{case.name}"],
        "tflm": "unsupported",
    }


def write_micro(case) -> dict:
    """The same for a case that only tflite-micro runs: TFLite rejects it or reads beyond its bias."""
    try:
        run.infer_shapes(case.graph)
    except run.Rejected:
        pass  # The case states its shapes.
    flatbuffer = case.graph.pack()
    micro = run.run_micro(flatbuffer, case.inputs, len(case.graph.outputs))
    folder = ROOT / case.op.lower()
    folder.mkdir(exist_ok=True)
    (folder / f"{case.name}.tflite").write_bytes(flatbuffer)
    save(folder, case.name, "in", case.inputs)
    save(folder, case.name, "out", micro)
    return {
        "op": case.op,
        "case": case.name,
        "dtype": case.dtype,
        "tolerance": "exact",
        "inputs": len(case.inputs),
        "outputs": len(micro),
        "tflm": "same",
        "reference": "tflite-micro",
    }


def dump(entries: list):
    """The index, one case a line so that a change reads well in a diff."""
    versions = {
        package: importlib.metadata.version(package)
        for package in ("tensorflow-cpu", "tflite-micro", "numpy", "flatbuffers")
    }
    lines = ",\n".join(f"    {json.dumps(entry)}" for entry in entries)
    text = f'{{\n  "generator": {json.dumps(versions)},\n  "cases": [\n{lines}\n  ]\n}}\n'
    (ROOT / "cases.json").write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", help="try this operator alone and leave the index as it is")
    args = parser.parse_args()

    entries = []
    seen = set()
    for family in FAMILIES:
        for case in family.cases():
            if args.only not in (None, case.op):
                continue
            if case.op not in seen:
                shutil.rmtree(ROOT / case.op.lower(), ignore_errors=True)
            assert (case.op, case.name) not in seen, f"{case.op}/{case.name} twice"
            seen |= {case.op, (case.op, case.name)}
            try:
                entries.append(write(case))
            except run.Rejected as reason:
                print(f"rejected: {case.op}/{case.name}: {reason}")
    if args.only is None:
        dump(entries)
    states = [entry["tflm"] for entry in entries]
    print(f"{len(entries)} cases;", {state: states.count(state) for state in sorted(set(states))})


if __name__ == "__main__":
    main()
