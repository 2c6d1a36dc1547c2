"""Folders of small random tables in every published layout, and a picture to look up in them.

Belongs here: what the importers' tests draw and write. No assertions, nothing of the importers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

K = 3
"""Side of AutoSample windows."""

Writer = Callable[[Path, np.random.Generator], None]


def table(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.integers(-127, 128, shape).astype(np.int8)


def save(folder: Path, name: str, array: np.ndarray) -> Path:
    np.save(folder / f"{name}.npy", array)
    return folder / f"{name}.npy"


def picture(height: int = 5, width: int = 6) -> np.ndarray:
    return np.random.default_rng(9).integers(0, 256, (height, width)).astype(np.float32)


def logits(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0, 2, (4, 1, K, K)).astype(np.float32)


def residual(rng: np.random.Generator) -> np.ndarray:
    """Some of the weights lie outside [0, 1], as trained ones do."""
    return rng.uniform(-0.3, 1.2, (2, 2)).astype(np.float32)


def sr_lut(pattern: str, bits: int, scale: int) -> Writer:
    def write(folder: Path, rng: np.random.Generator) -> None:
        inputs = {"S": 4, "F": 3, "V": 2}[pattern]
        rows = (2 ** (8 - bits) + 1) ** inputs
        name = f"Model_{pattern}_x{scale}_{bits}bit_int8"
        save(folder, name, table(rng, rows, 1, scale, scale))

    return write


def sr_lut_with_sampler(folder: Path, rng: np.random.Generator) -> None:
    sr_lut("S", 6, 2)(folder, rng)
    save(folder, "Model_S_x2_autosample", logits(rng))


def mulut(stages: int, branches: str, scale: int, name: str = "LUT_ft", bits: int = 6) -> Writer:
    def write(folder: Path, rng: np.random.Generator) -> None:
        rows = (2 ** (8 - bits) + 1) ** 4
        for stage in range(1, stages + 1):
            columns = scale**2 if stage == stages else 1
            for branch in branches:
                stem = f"{name}_x{scale}_{bits}bit_int8_s{stage}_{branch}"
                save(folder, stem, table(rng, rows, columns))

    return write


def autolut(stages: int, branches: int, scale: int) -> Writer:
    def write(folder: Path, rng: np.random.Generator) -> None:
        for stage in range(stages):
            side = scale if stage == stages - 1 else 1
            for branch in range(branches):
                stem = f"LUT_x{scale}_6bit_int8_s{stage}_{branch}"
                save(folder, stem, table(rng, 5**4, 1, side, side))
                save(folder, f"{stem}_sampler", logits(rng))
                if stage:
                    save(folder, f"{stem}_residual", residual(rng))

    return write


def spf_places(branches: str) -> Iterable[tuple[int, int, str]]:
    for branch in branches:
        yield from ((stage, 0, branch) for stage in (1, 2, 3, 4))
        yield from ((6, channel, branch) for channel in range(4))


def spf_columns(stage: int, scale: int) -> int:
    return {1: 2, 2: 2, 3: 2, 4: 1, 6: scale**2}[stage]


def spf(branches: str, scale: int, name: str = "weight", *, sampled: bool = False) -> Writer:
    def write(folder: Path, rng: np.random.Generator) -> None:
        for stage, channel, branch in spf_places(branches):
            place = f"s{stage}c{channel}_{branch}"
            save(folder, f"{name}_{place}", table(rng, 5**4, spf_columns(stage, scale)))
            if sampled:
                save(folder, f"sampler_{place}", logits(rng))
                save(folder, f"residual_{place}", residual(rng))
        save(folder, f"{name}_s5_channel", table(rng, 5**4 * 4))

    return write


def index(size: int, width: int) -> np.ndarray:
    """DFC's index of the rows within ``width`` nodes of the diagonal, wrapping around."""
    rows = np.full((size, *3 * (2 * width + 1,)), -1, np.int64)
    count = 0
    for a, b, c, d in np.ndindex(*4 * (size,)):
        if max(abs(a - b), abs(a - c), abs(a - d)) <= width:
            rows[a, b - a, c - a, d - a] = count
            count += 1
    return rows


def dfc_pair(folder: Path, rng: np.random.Generator, stem: str, columns: int) -> None:
    save(folder, f"{stem}_compress1", table(rng, int(index(5, 1).max()) + 1, columns))
    save(folder, f"{stem}_compress2", table(rng, 3**4, columns))


def dfc_mulut(stages: int, branches: str, scale: int, stem: str = "LUT_ft_s{}_{}") -> Writer:
    def write(folder: Path, rng: np.random.Generator) -> None:
        save(folder, "ref2index_xyzt1i7", index(5, 1))
        for stage in range(1, stages + 1):
            columns = scale**2 if stage == stages else 1
            for branch in branches:
                dfc_pair(folder, rng, stem.format(stage, branch), columns)

    return write


def dfc_spf(branches: str, scale: int, *, sampled: bool = False, mark: str = "c") -> Writer:
    def write(folder: Path, rng: np.random.Generator) -> None:
        save(folder, "ref2index_xyzt1i7", index(5, 1))
        save(folder, "spf_lut_s5_channel", table(rng, 5**4, 4))
        for stage, channel, branch in spf_places(branches):
            stem = f"spf_lut_s{stage}{mark}{channel}_{branch}"
            dfc_pair(folder, rng, stem, spf_columns(stage, scale))
            if sampled:
                save(folder, f"sampler_s{stage}c{channel}_{branch}", logits(rng))
                save(folder, f"residual_s{stage}c{channel}_{branch}", residual(rng))

    return write


WRITERS: dict[str, Writer] = {
    "SR-LUT S": sr_lut("S", 6, 4),
    "SR-LUT F": sr_lut("F", 6, 3),
    "SR-LUT V": sr_lut("V", 0, 2),
    "SR-LUT S, widest interval": sr_lut("S", 8, 2),
    "SR-LUT with AutoLUT": sr_lut_with_sampler,
    "MuLUT, one stage": mulut(1, "s", 2),
    "MuLUT": mulut(2, "sdy", 4),
    "MuLUT, three stages": mulut(3, "yd", 3),
    "MuLUT, denoising": mulut(2, "sdy", 1),
    "AutoLUT": autolut(2, 3, 4),
    "AutoLUT, three stages": autolut(3, 2, 2),
    "SPF-LUT": spf("sdy", 2),
    "SPF-LUT with AutoLUT": spf("sd", 2, sampled=True),
    "MuLUT with DFC": dfc_mulut(2, "sdy", 3),
    "denoising with DFC": dfc_mulut(2, "sd", 1, "LUT_ft_sigma25_4bit_int8_s{}_c0_{}"),
    "deblocking with DFC": dfc_mulut(2, "s", 1, "LUT_ft_qf10_4bit_int8_s{}_c0_{}"),
    "SPF-LUT with DFC": dfc_spf("sdy", 2),
    "SPF-LUT with DFC, denoising": dfc_spf("s", 1, mark="_c"),
    "SPF-LUT with AutoLUT and DFC": dfc_spf("s", 4, sampled=True),
}
