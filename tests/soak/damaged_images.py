"""Image files of every format with damaged bytes: a sentence, or an image.

Belongs here: which formats, and Zarrs. The damage and the check are ``tests/io/test_damaged.py``.
Run by itself it looks at files of one kind, and prints counts.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
from napari_autolut.io.suffixes import FOREIGN_SUFFIXES
from napari_autolut.io.zarr import levels
from tests.io.test_damaged import KINDS, check, damaged, fewer
from tests.pictures import picture
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

COUNT = 1000
MEMORY = 3000 * MEGABYTE
SECONDS = 20.0
"""Of one file at most."""

ZARR = "ome-zarr"


def run(amount: float) -> Iterator[Finding]:
    """Look at one kind of file after the other."""
    count = scaled(COUNT, amount)
    kinds = [*KINDS, ZARR]
    arguments = [(kind, fewer(kind, count)) for kind in kinds]
    found = batches("damaged_images", arguments, memory=MEMORY, seconds=count * SECONDS)
    peak = max((each.get("memory", 0) for each in found), default=0)
    refused, read = in_all(found, "refused"), in_all(found, "read")
    formats = sorted({suffix.lstrip(".") for suffix in KINDS.values()} | {"zarr"})
    yield Finding(
        f"Damaged images: {len(kinds)} kinds of {', '.join(formats)}",
        f"{refused:,} refused with one sentence, {read:,} read; at most {peak} MB",
        faults_in(found),
    )


def check_zarrs(place: Path, count: int) -> int:
    """Damage one file of a Zarr at a time; how many were refused."""
    for name in ("CHUNK", "CHUNK_WITHOUT_SHARDS", "COARSEST"):
        setattr(levels, name, 16)
    image = ImageFile(picture((2, 40, 36), "uint16", top=4000) + 1, "CYX", {"Y": 1, "X": 1}, "µm")
    good, bad = write_image(place / "good.zarr", image), place / "bad.zarr"
    files = sorted(path.relative_to(good) for path in good.rglob("*") if path.is_file())
    described = [each for each in files if each.suffix == ".json"]
    rng, refused = np.random.default_rng(count), 0
    for _ in range(count):
        watch(SECONDS)
        shutil.rmtree(bad, ignore_errors=True)
        shutil.copytree(good, bad)
        chosen = described if rng.random() < 0.5 else files
        path = bad / chosen[int(rng.integers(len(chosen)))]
        path.write_bytes(damaged(path.read_bytes(), rng))
        try:
            found = read_image(bad)
            assert np.asarray(found.data).ndim == len(found.axes)
        except ImageFileError as error:
            refused += 1
            sentence = str(error)
            assert str(bad) in sentence and "\n" not in sentence, sentence
    return refused


def main(kind: str, count: int) -> None:
    """Look at ``count`` files, and print how many were refused and read."""
    faults, refused = [], 0
    if KINDS.get(kind) in FOREIGN_SUFFIXES and find_spec("bioio"):
        import_module("bioio")  # takes seconds, and the first damaged file would count them
    with folder() as place:
        try:
            if kind == ZARR:
                refused = check_zarrs(place, count)
            else:
                path = place / f"a{KINDS[kind]}"
                refused = check(kind, path, count, before_each=lambda: watch(SECONDS))
        except Exception as error:  # noqa: BLE001 - a fault, whatever it is
            faults.append(f"{kind}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
    counts = {"refused": refused, "read": count - refused}
    report({**counts, "faults": faults, "memory": peak_memory()})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
