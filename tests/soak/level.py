"""Mixed calls for a long time: memory, threads and open files stay level.

Belongs here: which calls, and what is compared. Run by itself it calls for some seconds, and prints
what it measured.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil

from tests.soak.part import Finding, folder, program, report

MINUTES = 1.0
"""Of a run of ten minutes; of a run of an hour six."""

WARM = 0.4
"""Fraction of the time in which kernels, caches and pools are made."""

MEGABYTES = 25
"""By which memory may differ: numpy's, numba's and the system's allocators keep some."""

OTHERS = 2
"""Threads and files by which it may differ."""


def run(amount: float) -> Iterator[Finding]:
    """Call in a program of its own, so that nothing else is measured."""
    seconds = 60 * MINUTES * amount
    ran = program(["-W", "error", "-m", "tests.soak.level", seconds], seconds=seconds + 300)
    what = "Mixed calls in one program"
    if ran.returncode:
        said = (ran.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
        yield Finding(what, "", (f"exit {ran.returncode}, {said[:300]}",))
        return
    found = json.loads(ran.stdout.splitlines()[-1])
    faults = tuple(
        f"{name} grew from {before} to {after}"
        for name, before, after, most in found["measured"]
        if after > before + most
    )
    measured = ", ".join(f"{name} {before} to {after}" for name, before, after, _ in
                         found["measured"])  # fmt: skip
    yield Finding(what, f"{found['calls']:,} calls in {seconds / 60:g} min: {measured}", faults)


def calls(place: Path) -> list[Callable[[np.random.Generator], object]]:
    """What is called in turns."""
    from napari_autolut import Upscaler, denoise, load_model, save_model, upscale
    from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
    from napari_autolut.storage import list_models
    from tests.pictures import picture

    image, frames = picture((60, 70), "uint16", top=4000), Upscaler("micro-x2")
    frames.fit(image)
    own, damaged = place / "own.safetensors", place / "damaged.tif"
    save_model(load_model("natural-x2"), own)

    def files(rng: np.random.Generator) -> None:
        suffix = (".tif", ".png", ".zarr", ".ome.tif")[int(rng.integers(4))]
        path = write_image(place / f"a{suffix}", ImageFile(image, "YX"), overwrite=True)
        upscale(np.asarray(read_image(path).data), "natural-x2")

    def bad_file(rng: np.random.Generator) -> None:
        damaged.write_bytes(b"II*\0" + rng.bytes(200))
        try:
            read_image(damaged)
        except ImageFileError:
            return

    def lazily(_: np.random.Generator) -> None:
        import dask.array as da

        upscale(da.from_array(image, chunks=32), "natural-x2").compute()

    return [
        lambda rng: upscale(image[: int(rng.integers(9, 60))], "natural-x4-light"),
        lambda _: upscale(np.stack([image] * 3, -1).astype(np.uint8), "natural-x2"),
        lambda _: frames.upscale(image),
        lambda _: denoise(image.astype(np.float32)),
        lambda _: load_model(str(own)),
        lambda _: list_models(),
        files, bad_file, lazily,
    ]  # fmt: skip


def measured() -> dict[str, int]:
    """What this program holds."""
    gc.collect()
    process = psutil.Process()
    files = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
    return {"MB": process.memory_info().rss // 2**20, "threads": process.num_threads(),
            "open files": files}  # fmt: skip


def main(seconds: float) -> None:
    """Call for so long, and print what was measured after the warm-up and at the end."""
    rng, count, before = np.random.default_rng(0), 0, None
    with folder() as place:
        made = calls(place)
        for call in made * 2:  # compile first: that takes long on a fresh machine
            call(rng)
        start = time.monotonic()
        while (passed := time.monotonic() - start) < seconds:
            made[int(rng.integers(len(made)))](rng)
            count += 1
            if before is None and passed > WARM * seconds:
                before = measured()
        after = measured()
    before = before or after
    limits = {"MB": MEGABYTES, "threads": OTHERS, "open files": OTHERS}
    rows = [(name, before[name], after[name], limits[name]) for name in after]
    report({"calls": count, "measured": rows})


if __name__ == "__main__":
    main(float(sys.argv[1]))
