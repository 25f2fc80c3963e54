"""Features of sound for small models: logarithms of the energy in bands, in integers only.

The definition of `targets/examples/streaming/src/features.rs`, which gives the same numbers.

A frame is 256 samples (32 ms at 8 kHz), the next one starts 128 samples later. It is multiplied by
a Hann window and goes through a radix-2 Fourier transform whose stages halve, so that nothing
overflows; the squares of the bins are added up in bands of the mel scale, and a feature is four
times the base-2 logarithm of that sum (steps of 0.75 dB), less 128.
"""

import numpy as np

RATE = 8000
FRAME = 256
HOP = 128
# First bins of the bands, and the end of the last: equal steps of the mel scale, 31.25 Hz a bin.
EDGES = (8, 11, 15, 19, 23, 28, 33, 39, 46, 53, 61, 70, 80, 91, 103, 115, 128)
BANDS = len(EDGES) - 1

SINE = np.round(32767 * np.sin(2 * np.pi * np.arange(FRAME) / FRAME)).astype(np.int64)
COSINE = np.roll(SINE, -FRAME // 4)
WINDOW = (32767 - COSINE) >> 1
REVERSED = np.array([int(f"{i:08b}"[::-1], 2) for i in range(FRAME)])


def spectrum(frames: np.ndarray) -> np.ndarray:
    """The squares of the first 128 bins of int16 frames `[n, 256]`."""
    re = ((frames.astype(np.int64) * WINDOW) >> 7)[:, REVERSED]
    im = np.zeros_like(re)
    half = 1
    while half < FRAME:
        turn = np.arange(half) * (FRAME // (2 * half))
        cosine, sine = COSINE[turn], SINE[turn]
        re, im = (part.reshape(len(frames), -1, 2, half) for part in (re, im))
        right = (re[:, :, 1] * cosine + im[:, :, 1] * sine) >> 15
        down = (im[:, :, 1] * cosine - re[:, :, 1] * sine) >> 15
        re = np.stack([(re[:, :, 0] + right) >> 1, (re[:, :, 0] - right) >> 1], 2)
        im = np.stack([(im[:, :, 0] + down) >> 1, (im[:, :, 0] - down) >> 1], 2)
        re, im = (part.reshape(len(frames), FRAME) for part in (re, im))
        half *= 2
    return (re * re + im * im)[:, :FRAME // 2]


def logarithms(energies: np.ndarray) -> np.ndarray:
    """Four times the base-2 logarithm, linear between powers of two, less 128."""
    energies = energies + 1
    whole = np.floor(np.log2(energies.astype(np.float64))).astype(np.int64)
    # The logarithm of a number just below a power of two may round up to it.
    whole -= (energies >> whole) == 0
    quarter = np.where(whole >= 2, energies >> np.maximum(whole - 2, 0),
                       energies << np.maximum(2 - whole, 0)) & 3
    return np.clip(4 * whole + quarter - 128, -128, 127).astype(np.int8)


def features(samples: np.ndarray) -> np.ndarray:
    """Features `[frames, BANDS]` of int16 samples."""
    starts = range(0, len(samples) - FRAME + 1, HOP)
    frames = np.stack([samples[start:start + FRAME] for start in starts])
    power = spectrum(frames)
    bands = [power[:, first:end].sum(1) for first, end in zip(EDGES, EDGES[1:])]
    return logarithms(np.stack(bands, 1))
