"""Whistled words and other sounds, made from random numbers."""

import numpy as np

from features import RATE

WORDS = ("other", "rise", "fall", "trill")


def tone(pitch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A whistle with this pitch in Hz at every sample: a sine, a weak octave, soft ends."""
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.sin(phase) + rng.uniform(0, 0.2) * np.sin(2 * phase)
    ends = min(len(sound) // 4, int(0.02 * RATE))
    ramp = np.sin(np.linspace(0, np.pi / 2, ends)) ** 2
    sound[:ends] *= ramp
    sound[len(sound) - ends:] *= ramp[::-1]
    return sound


def word(name: str, rng: np.random.Generator) -> np.ndarray:
    """A word of 0.26 to 0.42 s, loud about 1."""
    length = int(rng.uniform(0.26, 0.42) * RATE)
    at = np.linspace(0, 1, length)
    bend = at ** rng.uniform(0.7, 1.5)
    low, octaves = rng.uniform(500, 1100), rng.uniform(0.7, 1.4)
    if name == "rise":
        return tone(low * 2 ** (octaves * bend), rng)
    if name == "fall":
        return tone(low * 2 ** (octaves * (1 - bend)), rng)
    swing, speed = rng.uniform(0.25, 0.45), rng.uniform(9, 13)
    angle = 2 * np.pi * speed * at * length / RATE + rng.uniform(0, 2 * np.pi)
    return tone(rng.uniform(800, 2000) * 2 ** (swing * np.sin(angle)), rng)


def other(rng: np.random.Generator) -> np.ndarray:
    """What is no word: a steady tone, a click, a hum, a burst of noise, two steps of tones."""
    length = int(rng.uniform(0.1, 0.5) * RATE)
    kind = rng.integers(5)
    if kind == 0:
        return tone(np.full(length, rng.uniform(400, 3200)), rng)
    if kind == 1:
        return rng.normal(0, 1, int(0.01 * RATE)) * np.exp(-np.linspace(0, 5, int(0.01 * RATE)))
    if kind == 2:
        return tone(np.full(length, rng.uniform(80, 250)), rng)
    if kind == 3:
        return rng.normal(0, 0.4, length)
    first, second = rng.uniform(500, 2500, 2)
    return np.concatenate([tone(np.full(length // 2, first), rng), tone(np.full(length // 2, second), rng)])


def noise(length: int, rng: np.random.Generator) -> np.ndarray:
    """Background, between white and dull."""
    white = rng.normal(0, 1, length + 8)
    dull = np.convolve(white, np.ones(8) / np.sqrt(8), "valid")[:length]
    mix = rng.uniform(0, 1)
    return mix * white[:length] + (1 - mix) * dull


def digital(sound: np.ndarray, background: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The sum as a microphone with 16 bits gives it, some loud, some quiet."""
    loud = 10 ** rng.uniform(2.8, 4.2)
    ratio = 10 ** (-rng.uniform(8, 30) / 20)
    mixed = loud * (sound + ratio * background)
    return np.clip(np.round(mixed), -32768, 32767).astype(np.int16)
