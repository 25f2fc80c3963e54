#!/usr/bin/env python3
"""Train the Fashion-MNIST example network and convert it to full-int8 TFLite.

Needs tensorflow 2.21 and the four published idx files (gzipped or not), for example from
Debian's dataset-fashion-mnist. tflite-micro is optional: with it, outputs of its kernels are
stored too when they differ from those of the TFLite reference kernels.

    python train.py [--data DIR] [--epochs N] [--out DIR]
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

SEED = 7
SAMPLES = 200
CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)
# Depthwise-separable blocks as (output channels, stride).
BLOCKS = ((32, 2), (48, 1), (64, 2), (96, 1))


def read_idx(folder: Path, stem: str) -> np.ndarray:
    """The uint8 array of an idx file, which may be gzipped."""
    packed = folder / f"{stem}-ubyte.gz"
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else (
        (folder / f"{stem}-ubyte").read_bytes())
    rank = data[3]
    shape = np.frombuffer(data, ">u4", rank, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def batch_norm_relu(x):
    return layers.ReLU()(layers.BatchNormalization()(x))


def build(batch: int | None = None) -> tf.keras.Model:
    """3x3 convolution, four depthwise-separable blocks, 2x2 averages, dense, softmax."""
    inputs = x = layers.Input((28, 28, 1), batch)
    x = batch_norm_relu(layers.Conv2D(16, 3, padding="same", use_bias=False)(x))
    for channels, stride in BLOCKS:
        x = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)(x)
        x = batch_norm_relu(x)
        x = batch_norm_relu(layers.Conv2D(channels, 1, use_bias=False)(x))
    # Four overlapping windows cover the 7x7 map. After one global window the converter would
    # drop the reshape, which this example is meant to have.
    x = layers.AveragePooling2D(4, 3)(x)
    x = layers.Reshape((4 * BLOCKS[-1][0],))(x)
    x = layers.Dropout(0.1)(x)
    return tf.keras.Model(inputs, layers.Dense(len(CLASSES), activation="softmax")(x))


def augmented(images: np.ndarray, labels: np.ndarray, batch: int) -> tf.data.Dataset:
    """Shuffled batches, each image mirrored or not, at random."""
    def mirror(image, label):
        return tf.image.random_flip_left_right(image, seed=SEED), label

    data = tf.data.Dataset.from_tensor_slices((images, labels))
    data = data.shuffle(len(images), seed=SEED).map(mirror)
    return data.batch(batch, drop_remainder=True).prefetch(4)


def train(images: np.ndarray, labels: np.ndarray, epochs: int) -> tf.keras.Model:
    """Adam with a linear warm-up and a cosine decay."""
    batch = 128
    steps = epochs * (len(images) // batch)
    rate = tf.keras.optimizers.schedules.CosineDecay(
        1e-4, steps - steps // 10, warmup_target=6e-3, warmup_steps=steps // 10)
    model = build()
    model.compile(
        tf.keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(augmented(images, labels, batch), epochs=epochs, shuffle=False, verbose=2)
    return model


def convert(model: tf.keras.Model, calibration: np.ndarray | None) -> bytes:
    """TFLite bytes: float32, or full int8 when there are calibration images."""
    # A fixed batch of one lets the converter fold every shape into constants.
    single = build(batch=1)
    single.set_weights(model.get_weights())
    converter = tf.lite.TFLiteConverter.from_keras_model(single)
    if calibration is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([image[None]] for image in calibration)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def run(flatbuffer: bytes, inputs: np.ndarray) -> np.ndarray:
    """Outputs of the TFLite reference kernels, one row per sample."""
    interpreter = tf.lite.Interpreter(
        model_content=flatbuffer,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]
    outputs = []
    for sample in inputs:
        interpreter.set_tensor(source, sample)
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target))
    return np.stack(outputs)


def run_micro(flatbuffer: bytes, inputs: np.ndarray) -> np.ndarray | None:
    """Outputs of tflite-micro, or None where it is not installed."""
    try:
        from tflite_micro import runtime
    except ImportError:
        return None
    interpreter = runtime.Interpreter.from_bytes(flatbuffer)
    outputs = []
    for sample in inputs:
        interpreter.set_input(sample, 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0).copy())
    return np.stack(outputs)


def quantized(flatbuffer: bytes, images: np.ndarray) -> np.ndarray:
    """Images as the int8 inputs of the network, [samples, 1, 28, 28, 1]."""
    details = tf.lite.Interpreter(model_content=flatbuffer).get_input_details()[0]
    scale, zero_point = details["quantization"]
    real = images.astype(np.float32) / 255.0 / np.float32(scale)
    levels = np.clip(np.round(real) + zero_point, -128, 127)
    return levels.astype(np.int8).reshape(-1, 1, 28, 28, 1)


def accuracy(outputs: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(outputs.reshape(len(labels), -1).argmax(1) == labels))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()

    tf.keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    images, labels = (read_idx(args.data, f"train-{kind}")
                      for kind in ("images-idx3", "labels-idx1"))
    test_images, test_labels = (read_idx(args.data, f"t10k-{kind}")
                                for kind in ("images-idx3", "labels-idx1"))
    real = images[..., None].astype(np.float32) / 255.0
    model = train(real, labels.astype(np.int32), args.epochs)

    float_model = convert(model, None)
    int8_model = convert(model, real[:500])
    inputs = quantized(int8_model, test_images)
    outputs = run(int8_model, inputs)
    real_inputs = (test_images.astype(np.float32) / 255.0).reshape(-1, 1, 28, 28, 1)
    report = {
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "float_accuracy": accuracy(run(float_model, real_inputs), test_labels),
        "int8_accuracy": accuracy(outputs, test_labels),
        "float_bytes": len(float_model),
        "int8_bytes": len(int8_model),
    }

    out = args.out
    (out / "fashion_int8.tflite").write_bytes(int8_model)
    (out / "fashion_float.tflite").write_bytes(float_model)
    (out / "labels.txt").write_text("".join(f"{name}\n" for name in CLASSES))
    np.save(out / "test_images.npy", test_images[:SAMPLES, ..., None])
    np.save(out / "test_labels.npy", test_labels[:SAMPLES])
    np.save(out / "test_inputs.npy", inputs[:SAMPLES])
    np.save(out / "test_outputs.npy", outputs[:SAMPLES])
    micro = run_micro(int8_model, inputs[:SAMPLES])
    if micro is not None:
        report["tflite_micro_differs"] = int((micro != outputs[:SAMPLES]).sum())
        if report["tflite_micro_differs"]:
            np.save(out / "test_outputs_tflm.npy", micro)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
