#!/usr/bin/env python3
"""Train the whistle spotter, convert it to full-int8 TFLite, and make the recording of the example.

Needs tensorflow 2.21 and nothing else: all sounds are made from random numbers of a fixed seed.

    python train.py [--epochs N] [--windows N] [--out DIR]
"""

import argparse
import json
import wave
from pathlib import Path

import numpy as np
import tensorflow as tf
from features import BANDS, FRAME, HOP, RATE, features
from sounds import WORDS, digital, noise, other, word
from tensorflow.keras import layers

SEED = 11
# Frames that the network sees at a time: 0.66 s.
SPAN = 40
SAMPLES = FRAME + (SPAN - 1) * HOP
# A word counts when it ended so many frames ago, so that its beginning alone is none.
ENDED = (3, 10)


def window(label: int, rng: np.random.Generator) -> np.ndarray:
    """Features of a window with a word that has just ended, or with none."""
    sound = np.zeros(3 * SAMPLES)
    if label > 0:
        spoken = word(WORDS[label], rng)
        end = 2 * SAMPLES - int(rng.uniform(*ENDED) * HOP)
    elif rng.random() < 0.5:
        # A word that has not ended, or ended long ago.
        spoken = word(WORDS[rng.integers(1, len(WORDS))], rng)
        late = rng.uniform(-0.8 * len(spoken), 0) if rng.random() < 0.6 else rng.uniform(16, 36) * HOP
        end = 2 * SAMPLES - int(late)
    else:
        spoken = other(rng) if rng.random() < 0.8 else np.zeros(8)
        end = SAMPLES + len(spoken) // 2 + rng.integers(SAMPLES)
    sound[end - len(spoken):end] = spoken
    sound = sound[SAMPLES:2 * SAMPLES]
    return features(digital(sound, noise(SAMPLES, rng), rng))


def windows(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features `[count, SPAN, BANDS, 1]` and labels; as many of each word, and of none twice."""
    rng = np.random.default_rng(seed)
    labels = np.maximum(rng.integers(-1, len(WORDS), count), 0)
    return np.stack([window(label, rng) for label in labels])[..., None], labels


def build(batch: int | None = None) -> tf.keras.Model:
    """Convolution, two depthwise-separable blocks, average pooling, dense, softmax."""
    inputs = x = layers.Input((SPAN, BANDS, 1), batch)
    x = layers.Rescaling(1 / 32)(x) if batch is None else x
    x = layers.Conv2D(8, (5, 3), (2, 1), padding="same", activation="relu")(x)
    for channels, stride in ((16, 2), (24, 2)):
        x = layers.DepthwiseConv2D(3, stride, padding="same", activation="relu")(x)
        x = layers.Conv2D(channels, 1, activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    return tf.keras.Model(inputs, layers.Dense(len(WORDS), activation="softmax")(x))


def single(model: tf.keras.Model) -> tf.keras.Model:
    """The same for one window, with the scaling of the input inside the first weights."""
    copy = build(batch=1)
    weights = model.get_weights()
    weights[0] = weights[0] / 32
    copy.set_weights(weights)
    return copy


def convert(model: tf.keras.Model, calibration: np.ndarray) -> bytes:
    """Full int8. The calibration has both ends, so that inputs have scale 1 and zero point 0."""
    ends = np.where(np.arange(SPAN * BANDS) % 2, 127, -128).reshape(1, SPAN, BANDS, 1)
    samples = np.concatenate([ends, calibration]).astype(np.float32)
    converter = tf.lite.TFLiteConverter.from_keras_model(single(model))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def run(flatbuffer: bytes, inputs: np.ndarray) -> np.ndarray:
    """Outputs of the TFLite reference kernels, one row per sample."""
    interpreter = tf.lite.Interpreter(
        model_content=flatbuffer,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert source["quantization"] == (1.0, 0), source["quantization"]
    outputs = []
    for sample in inputs:
        interpreter.set_tensor(source["index"], sample[None])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target["index"])[0])
    return np.stack(outputs)


def recording(seed: int) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """Words and other sounds in a row, and when each word ends."""
    rng = np.random.default_rng(seed)
    order = ("rise", "other", "trill", "fall", "other", "fall", "rise", "other", "trill", "other")
    parts, said = [np.zeros(RATE // 3)], []
    for name in order:
        parts.append(other(rng) if name == "other" else word(name, rng))
        if name != "other":
            said.append((sum(map(len, parts)) / RATE, name))
        parts.append(np.zeros(int(rng.uniform(0.35, 0.5) * RATE)))
    sound = np.concatenate(parts)
    mixed = 6000 * (sound + 0.08 * noise(len(sound), rng))
    return np.clip(np.round(mixed), -32768, 32767).astype(np.int16), said


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--windows", type=int, default=16000)
    args = parser.parse_args()

    tf.keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    inputs, labels = windows(args.windows, SEED)
    test_inputs, test_labels = windows(2000, SEED + 1)
    steps = args.epochs * (len(inputs) // 64)
    rate = tf.keras.optimizers.schedules.CosineDecay(4e-3, steps)
    model = build()
    model.compile(
        tf.keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(inputs.astype(np.float32), labels, 64, args.epochs, verbose=2)

    int8_model = convert(model, inputs[:400])
    outputs = run(int8_model, test_inputs)
    sound, said = recording(SEED + 2)
    out = args.out
    (out / "whistles_int8.tflite").write_bytes(int8_model)
    (out / "labels.txt").write_text("".join(f"{name}\n" for name in WORDS))
    (out / "sounds.txt").write_text("".join(f"{at:.2f} {name}\n" for at, name in said))
    np.save(out / "sounds_features.npy", features(sound))
    with wave.open(str(out / "sounds.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(sound.astype("<i2").tobytes())
    float_outputs = model.predict(test_inputs.astype(np.float32), verbose=0)
    print(json.dumps({
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "float_accuracy": float(np.mean(float_outputs.argmax(1) == test_labels)),
        "int8_accuracy": float(np.mean(outputs.argmax(1) == test_labels)),
        "int8_bytes": len(int8_model),
        "sounds_seconds": len(sound) / RATE,
    }, indent=2))


if __name__ == "__main__":
    main()
