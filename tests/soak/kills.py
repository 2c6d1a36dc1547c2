"""Programs that are killed at any moment of a long job, again and again, and then left to end.

Belongs here: jobs whose results are files; trainings are ``killed_trainings.py``. At its final name
a file is whole or not there, what was finished is not done again, and the end has the same bits.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.io.zarr.result import FINISHED
from napari_autolut.io.zarr.unfinished import temporary_folder
from tests.pictures import picture
from tests.soak.part import ROOT, Finding, folder, scaled

KILLS = 6
"""Of each job, one after another."""

SMALL_PIECES = """
import time
from napari_autolut.batch.files import upscaling
from napari_autolut.io.tiff import tiles
from napari_autolut.io.zarr import levels
from napari_autolut.io.zarr.result import ZarrResult
from napari_autolut.io.tiff.tiles import TiledTiff
upscaling.LARGE, tiles.MAX_TILE_SIDE = 0, 64
levels.CHUNK, levels.MAX_SIDE, levels.COARSEST, levels.PIECE = 32, 64, 32, 32
def slowly(write):
    def wrapped(*arguments, **options):
        time.sleep(0.02)
        return write(*arguments, **options)
    return wrapped
ZarrResult.write, TiledTiff.write = slowly(ZarrResult.write), slowly(TiledTiff.write)
upscaling.encode_images = slowly(upscaling.encode_images)
from napari_autolut.cli import main
main()
"""
"""The shell command, which writes small images in as many pieces as it does large ones, slowly."""


@dataclass(frozen=True)
class Job:
    """What is killed.

    Parameters
    ----------
    name : str
        What it is called on the page.
    source : str
        What is enlarged: a file, or a folder of them.
    out : str
        What is made of it.
    lost : callable
        Pieces that were written and are not known to be, of a place and the job's output.
    """

    name: str
    source: str
    out: str
    lost: Callable[[Path], int] = lambda _: 0

    @property
    def of_folder(self) -> bool:
        """Whether it makes several files, of which some may be there."""
        return not Path(self.out).suffix

    def command(self, place: Path) -> list[str]:
        """The program and its arguments."""
        arguments = ["upscale", place / self.source, place / "out" / self.out]
        return [sys.executable, "-c", SMALL_PIECES, *map(str, arguments), "-m", "natural-x4-light"]


def unrecorded(out: Path) -> int:
    """Files of an OME-Zarr's first level that its record does not name."""
    part = temporary_folder(out)
    record = part / FINISHED
    known = record.read_text("ascii").count("\n0/") + record.read_text("ascii").startswith("0/") \
        if record.exists() else 0  # fmt: skip
    written = [path for path in (part / "0").rglob("*") if path.is_file()
               and path.suffix not in (".json", ".partial")]  # fmt: skip
    return max(0, len(written) - known)


JOBS = (
    Job("a TIFF, tile by tile", "large.tif", "out.tif"),
    Job("an OME-Zarr", "large.tif", "out.zarr", unrecorded),
    Job("a folder of images", "images", "results"),
)


def run(amount: float) -> Iterator[Finding]:
    """Kill every job."""
    rng = np.random.default_rng()
    with folder() as place:
        large = picture((2, 130, 150), "uint16", top=9000)
        write_image(place / "large.tif", ImageFile(large, "CYX"))
        (place / "images").mkdir()
        for number in range(20):
            image = picture((60 + number, 70), "uint16", seed=number)
            write_image(place / "images" / f"{number}.tif", ImageFile(image, "YX"))
        for job in JOBS:
            yield killed_again_and_again(job, place, scaled(KILLS, amount), rng)


def killed_again_and_again(job: Job, place: Path, kills: int, rng: np.random.Generator) -> Finding:
    """Let a job end once, then kill it ``kills`` times and let it end."""
    faults: list[str] = []
    results = place / "out"
    results.mkdir(exist_ok=True)
    seconds, _ = started(job.command(place), results, None)
    expected = images(results / job.out)
    emptied(results)
    killed = lost = 0
    for _ in range(kills):
        _, was_killed = started(job.command(place), results, float(rng.uniform(0, seconds)))
        killed += was_killed
        found = images(results / job.out)
        faults += [f"{name} is not what it should be" for name, data in found.items()
                   if not np.array_equal(data, expected.get(name))]  # fmt: skip
        lost = max(lost, job.lost(results / job.out))
        if not was_killed or (found and not job.of_folder):  # it may be killed after its last act
            emptied(results)
    started(job.command(place), results, None)
    found = images(results / job.out)
    if found.keys() != expected.keys() or any(
        not np.array_equal(found[name], expected[name]) for name in expected
    ):
        faults.append("the end has other bits")
    hidden = sorted(path.name for path in results.rglob(".*") if "zarr" not in path.parent.suffix)
    if hidden:
        faults.append(f"left over: {', '.join(hidden)}")
    if lost > 1:
        faults.append(f"{lost} pieces lost")
    emptied(results)
    found_words = f"{killed} times; whole or not there, the same bits at the end, nothing left over"
    return Finding(f"kill -9 of upscaling into {job.name}", found_words, tuple(faults))


def started(command: Sequence[str], results: Path, kill_after: float | None) -> tuple[float, bool]:
    """Run a program; seconds from its first file to its end, and whether it was killed.

    It is killed so many seconds after its first file, or never.
    """
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    before = names(results)
    while process.poll() is None and names(results) <= before:
        time.sleep(0.002)
    first = time.monotonic()
    try:
        _, errors = process.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return time.monotonic() - first, True
    if process.returncode:
        raise RuntimeError(f"exit {process.returncode}: {errors.strip()[-300:]}")
    return time.monotonic() - first, False


def names(place: Path) -> set[str]:
    """Everything in a folder, as far as it stays there while it is looked at."""
    try:
        return {str(path) for path in place.rglob("*")}
    except OSError:
        return set()


def images(out: Path) -> dict[str, np.ndarray]:
    """Images at final names; half-written ones are refused, which ends the part."""
    if not out.exists():
        return {}
    files = [out] if out.suffix else sorted(out.glob("[!.]*.tif"))
    return {path.name: np.asarray(read_image(path).data) for path in files}


def emptied(place: Path) -> None:
    """Remove everything in a folder."""
    import shutil

    for path in place.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
