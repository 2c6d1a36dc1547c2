"""Model files whose bytes, description or tensors are damaged: a sentence, or a model that runs.

Belongs here: the damage. Descriptions and tensors are changed with a right checksum, so that the
checks behind it are reached. Run by itself it looks at files of one seed, and prints counts.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.engine import reference
from napari_autolut.storage import ModelFileError, load_model_file, save_model
from tests.io.test_damaged import damaged
from tests.modelfiles import good_file, rewritten
from tests.models import random_model
from tests.soak.part import (
    MEGABYTE,
    Finding,
    batches,
    faults_in,
    folder,
    in_all,
    peak_memory,
    report,
    scaled,
    watch,
)

COUNT, BATCH = 10_000, 1000
MEMORY = 3000 * MEGABYTE
SECONDS = 20.0
"""Of one file at most."""

JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 1, 3, 64, 65, 1e9, -1e-9, 1e308, float("nan"), float("inf"), 10**400, "",
    "spatial", "x" * 5000, "\x1b[2J\n", [], {}, [[]], [0, 0], [[0, 0]] * 70, {"a": 1},
)  # fmt: skip
HUGE = 1e300
DTYPES = ("int8", "int16", "float32", "float64", "uint8", "int64", "bool")
OLD = Path(__file__).parents[1] / "storage" / "data"


def run(amount: float) -> Iterator[Finding]:
    """Look at files of one seed after the other."""
    count = scaled(COUNT, amount)
    seeds = [(seed, min(BATCH, count - first)) for seed, first in enumerate(range(0, count, BATCH))]
    found = batches("damaged_models", seeds, memory=MEMORY, seconds=BATCH * SECONDS)
    peak = max((each.get("memory", 0) for each in found), default=0)
    yield Finding(
        "Damaged model files: bytes, descriptions, tensors",
        f"{in_all(found, 'refused'):,} refused with one sentence, {in_all(found, 'loaded'):,} "
        f"loaded and run; at most {peak} MB",
        faults_in(found),
    )


def good_files(place: Path) -> list[Path]:
    """Small files of every kind of branch, table and format."""
    rng = np.random.default_rng(0)
    filtered = random_model(rng, upscales=(1, 2), filters=True, rotations=1, channels=2)
    five = random_model(rng, upscales=(2,), inputs=5, grid_size=3, rotations=1, filters=True)
    rounded = random_model(rng, upscales=(1, 1), residual=True, rounding="running", grid_size=4)
    made = [save_model(model, place / f"{number}.safetensors")
            for number, model in enumerate((filtered, five, rounded))]  # fmt: skip
    return [good_file(place), *made, *sorted(OLD.glob("*.safetensors"))]


def break_description(description: Any, rng: np.random.Generator) -> None:
    """Replace, remove or repeat something at any depth."""
    for _ in range(int(rng.integers(1, 4))):
        place, depth = description, int(rng.integers(1, 7))
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = keys[int(rng.integers(len(keys)))]
            depth -= 1
            if depth and isinstance(place[key], dict | list) and place[key]:
                place = place[key]
                continue
            match int(rng.integers(4)):
                case 0:
                    del place[key]
                case 1 if isinstance(place, list):
                    place.extend([place[key]] * int(rng.integers(1, 80)))
                case 2 if isinstance(place[key], int | float) and abs(place[key]) < HUGE:
                    place[key] = place[key] + float(rng.normal()) * 10 ** float(rng.uniform(-3, 3))
                case _:
                    place[key] = deepcopy(JUNK[int(rng.integers(len(JUNK)))])
            break


def break_tensors(tensors: dict[str, Any], rng: np.random.Generator) -> None:
    """Other types, shapes, values and names."""
    for _ in range(int(rng.integers(1, 3))):
        names = sorted(tensors)
        name = names[int(rng.integers(len(names)))]
        tensor = tensors[name].copy()
        match int(rng.integers(6)):
            case 0:
                with np.errstate(all="ignore"):
                    tensor = tensor.astype(DTYPES[int(rng.integers(len(DTYPES)))])
            case 1:
                tensor = tensor[int(rng.integers(len(tensor) + 1)) :]
            case 2:
                tensor = tensor.reshape(-1) if tensor.ndim > 1 else tensor[:, None]
            case 3 if tensor.size and tensor.dtype.kind == "f":
                bad = (np.nan, np.inf, -1, 1e30)[int(rng.integers(4))]
                tensor.flat[int(rng.integers(tensor.size))] = bad
            case 4:
                tensors[names[int(rng.integers(len(names)))]] = tensors.pop(name)
                continue
            case _:
                tensor = np.concatenate([tensor, tensor])
        tensors[name] = np.ascontiguousarray(tensor)


def break_file(path: Path, source: Path, rng: np.random.Generator) -> None:
    """Write a damaged copy."""
    kind = int(rng.integers(3))
    if kind == 0:
        path.write_bytes(damaged(source.read_bytes(), rng))
        return
    shutil.copyfile(source, path)
    if kind == 1:
        rewritten(path, lambda description, _: break_description(description, rng))
    else:
        rewritten(path, lambda _, tensors: break_tensors(tensors, rng))


def outcome(path: Path) -> tuple[str, str]:
    """What becomes of a file, and what is wrong with that."""
    try:
        model = load_model_file(path)
    except ModelFileError as error:
        sentence = str(error)
        good = sentence.startswith(f"{path}: ") and "\n" not in sentence and "\x1b" not in sentence
        return "refused", "" if good and len(sentence) < 1000 else f"said {sentence[:300]!r}"
    plane = np.linspace(0, 255, 30, dtype=np.float32).reshape(5, 6)
    result = reference.upscale_plane(model, plane)
    right = result.shape == (5 * model.scale, 6 * model.scale) and np.isfinite(result).all()
    return "loaded", "" if right else f"gave {result.shape} with {result.min()} to {result.max()}"


def main(seed: int, count: int) -> None:
    """Look at ``count`` files, and print how many were refused and loaded."""
    rng = np.random.default_rng([42, seed])
    counts, faults = {"refused": 0, "loaded": 0}, []
    with folder() as place:
        sources, path = good_files(place), place / "damaged.safetensors"
        for number in range(count):
            watch(SECONDS)
            break_file(path, sources[int(rng.integers(len(sources)))], rng)
            try:
                what, fault = outcome(path)
            except Exception as error:  # noqa: BLE001 - a fault, whatever it is
                what, fault = "refused", f"{type(error).__name__}: {error}"
            counts[what] += 1
            if fault:
                faults.append(f"seed {seed}, file {number}: {fault}")
    report({**counts, "faults": faults[:20], "memory": peak_memory()})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
