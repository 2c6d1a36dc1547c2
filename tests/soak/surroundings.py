"""Surroundings that lack what programs take for granted: open files, memory, a home, rights.

Belongs here: what is lacking. Full disks are ``full_disks.py``. A program does its work there, or
says in one line why it cannot.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io import ImageFile, read_image, write_image
from tests.pictures import picture
from tests.soak.part import (
    MEGABYTE,
    ROOT,
    Finding,
    fault_of,
    folder,
    limited,
    program,
    shell,
)

MODEL = "natural-x4-light"
FILES = (12, 14, 16, 20, 24, 32, 48)
"""Open files that a program may have; Python alone needs some."""

MEMORY_STEPS = (10, 20, 40, 60, 80, 100, 150, 200, 300, 400, 600)
"""Megabytes that a program may take."""

HOME = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "NUMBA_CACHE_DIR")
NOBODY = 65534
SECONDS = 900.0
"""A place without a cache compiles first."""

WITH_LIMIT = """
import resource, sys
import numpy, psutil, pydantic, scipy.linalg
import napari_autolut.batch, napari_autolut.cli.app
napari_autolut.upscale(numpy.zeros((9, 9), numpy.uint16), "natural-x2")
most = psutil.Process().memory_info().vms + int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_AS, (most, most))
napari_autolut.cli.main()
"""
"""The shell command with so much memory beyond what it holds after it has enlarged something. While
libraries are loaded nobody can help: OpenBLAS waits for ever for what it does not get."""


def run(_: float) -> Iterator[Finding]:
    """One after the other; the amount changes nothing."""
    with folder() as place:
        small = picture((90, 95), "uint16", top=9000)
        source = write_image(place / "in.tif", ImageFile(small, "YX"))
        right = place / "right.tif"
        shell("upscale", source, right, "-m", MODEL).check_returncode()
        tried = Tried(source, np.asarray(read_image(right).data), place)
        done, faults = tried.with_each(FILES, lambda most: {"before": limited(NOFILE=most)})
        yield Finding("Few open files allowed", words(done, len(FILES)), faults)
        yield memory(place)
        yield homes(tried)
        yield read_only(tried)


def words(done: int, tries: int) -> str:
    """How many did their work."""
    return f"{done} of {tries} runs did their work, {tries - done} said in one line why not"


class Tried:
    """A small upscaling that is tried in one surrounding after the other.

    Parameters
    ----------
    source : Path
        The image.
    expected : ndarray
        What becomes of it.
    place : Path
        Where results go.
    """

    def __init__(self, source: Path, expected: np.ndarray, place: Path) -> None:
        self.source, self.expected, self.place = source, expected, place

    def with_each(
        self, surroundings: Sequence[Any], how: Callable[[Any], dict[str, Any]]
    ) -> tuple[int, tuple[str, ...]]:
        """How often the work was done, and what went wrong."""
        done, faults = 0, []
        for each in surroundings:
            out = self.place / "out" / "out.tif"
            shutil.rmtree(out.parent, ignore_errors=True)
            out.parent.mkdir(mode=0o777)
            out.parent.chmod(0o777)
            ran = shell("upscale", self.source, out, "-m", MODEL, seconds=SECONDS, **how(each))
            problem = fault_of(ran)
            if not problem and not ran.returncode:
                same = out.exists() and np.array_equal(read_image(out).data, self.expected)
                problem = "" if same else "exit 0 and other bits"
                done += same
            elif not problem and list(out.parent.iterdir()):
                problem = "something is left over"
            if problem:
                faults.append(f"{each}: {problem}")
        return done, tuple(faults)


def memory(place: Path) -> Finding:
    """A large image with less and less memory."""
    data = np.zeros((3000, 3000), np.uint16)
    data[::7, ::5] = 999
    source, faults, done = write_image(place / "large.tif", ImageFile(data, "YX")), [], 0
    gave_up = 0  # LLVM and the C library end the program without memory, and nobody is asked
    env = {"NAPARI_AUTOLUT_THREADS": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for extra in MEMORY_STEPS:
        out = place / "large-out.tif"
        what = ["-c", WITH_LIMIT, extra * MEGABYTE, "upscale", source, out, "-m", "natural-x2"]
        ran = program(what, env=env)
        beyond_help = ran.returncode == -signal.SIGABRT and "bad_alloc" in ran.stderr
        beyond_help |= "memory for thread-local data: ABORT" in ran.stderr
        gave_up += beyond_help
        problem = "" if beyond_help else fault_of(ran)
        done += not problem and not ran.returncode
        if problem:
            faults.append(f"{extra} MB: {problem}")
        if ran.returncode and out.exists():
            faults.append(f"{extra} MB: a file at the final name")
        out.unlink(missing_ok=True)
    said = (
        f"{done} of {len(MEMORY_STEPS)} runs did their work, in {gave_up} LLVM or the C library "
        "gave up, the others "
    )
    return Finding("Little memory", said + "said in one line why not", tuple(faults))


def homes(tried: Tried) -> Finding:
    """No home, one that is not there, one that is a file."""
    file = tried.place / "file"
    file.write_text("no folder")
    places: list[Any] = [None, "/nonexistent", str(file), "/proc"]

    def how(home: Any) -> dict[str, Any]:
        return {"without": HOME, "env": {} if home is None else {"HOME": home}}

    done, faults = tried.with_each(places, how)
    return Finding("No home: unset, missing, a file, read-only", words(done, len(places)), faults)


def others_may_run_python() -> bool:
    """Whether Python lies where another user may go."""
    python = Path(sys.executable).resolve()
    folders = {*python.parents, *Path(sys.executable).absolute().parents}
    return all(each.stat().st_mode & 0o001 for each in folders)


def read_only(tried: Tried) -> Finding:
    """A package that cannot be written, run by somebody who has no home."""
    package = tried.place / "installed"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src" / "napari_autolut", package / "napari_autolut", ignore=ignored)
    shutil.copytree(ROOT / "luts", package / "napari_autolut" / "luts", ignore=ignored)
    for path in [*package.rglob("*"), package]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in (tried.place, tried.source):
        path.chmod(0o755 if path.is_dir() else 0o644)
    root = hasattr(os, "geteuid") and os.geteuid() == 0 and others_may_run_python()

    def before() -> None:
        if root:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    def how(home: str) -> dict[str, Any]:
        env = {"HOME": home, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
        return {"without": HOME, "env": env, "before": before, "cwd": tried.place}

    done, faults = tried.with_each(["/nonexistent"], how)
    for path in [package, *package.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    who = "another user" if root else "this user"
    return Finding(f"A read-only installation, as {who} without a home", words(done, 1), faults)
