"""A full disk at the output, the caches, TMPDIR and the preferences: a line, or work without it.

Belongs here: which folder is full. Where a disk can be mounted (as root on Linux) it is a real one
of a few kilobytes. Elsewhere the system's limit on the size of files stands in for it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from napari_autolut import load_model, save_model
from napari_autolut.io import ImageFile, read_image, write_image
from tests.pictures import picture
from tests.soak.part import Finding, Run, fault_of, folder, limited, program, shell

BYTES = 16_384
OUTPUTS = ("out.tif", "out.png", "out.ome.tif", "out.zarr", "results")
MODEL = "natural-x4-light"


@contextmanager
def full_disk(place: Path) -> Iterator[Callable[[], None] | None]:
    """A folder with no room; what must run in a child before its program, where none is mounted."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        yield limited(FSIZE=BYTES)
        return
    try:
        with suppress(OSError), (place / "full").open("wb", buffering=0) as stream:
            while True:
                stream.write(bytes(512))
        yield None
    finally:
        subprocess.run(["umount", str(place)], check=True)


def run(_: float) -> Iterator[Finding]:
    """Fill one folder after the other; the amount changes nothing."""
    with folder() as place:
        data = picture((90, 95), "uint16", top=9000)
        source = write_image(place / "in.tif", ImageFile(data, "YX"))
        right = place / "right.tif"
        shell("upscale", source, right, "-m", MODEL).check_returncode()
        expected = np.asarray(read_image(right).data)
        yield from at_the_output(place, source)
        for what, names in (
            ("caches of kernels and others", ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")),
            ("temporary folder", ("TMPDIR",)),
            ("preferences and models", ("XDG_CONFIG_HOME", "XDG_DATA_HOME")),
        ):
            disk, out = place / what.split(maxsplit=1)[0], place / "out.tif"
            with full_disk(disk) as before:
                env = dict.fromkeys(names, str(disk))
                mounted = before is None
                ran = shell("upscale", source, out, "-m", MODEL, env=env,
                            before=before if what.startswith("caches") else None)  # fmt: skip
                faults = [fault_of(ran)] if fault_of(ran) or not ran.returncode else []
                if out.exists() and not np.array_equal(read_image(out).data, expected):
                    faults.append("other bits")
                if not out.exists() and mounted:
                    faults.append(f"no result: {ran.stderr[:200]}")
                if what.startswith("preferences"):
                    faults.append(own_model(place, env))
                    faults.append(docks(env))
                out.unlink(missing_ok=True)
            wrong = tuple(filter(None, faults))
            said = f"a line, or work without it; {disk_words(mounted)}"
            yield Finding(f"A full disk under the {what}", said, wrong)


def disk_words(mounted: bool) -> str:
    """What the disk was."""
    return "a real disk" if mounted else "a limit on the size of files"


def at_the_output(place: Path, source: Path) -> Iterator[Finding]:
    """Every kind of output, and reports."""
    faults, images = [], place / "images"
    images.mkdir()
    for number in range(3):
        write_image(images / f"{number}.tif", ImageFile(picture((90, 95), "uint16"), "YX"))
    for name in OUTPUTS:
        disk = place / f"disk-{name}"
        with full_disk(disk) as before:
            mounted, out = before is None, disk / name
            start = images if name == "results" else source
            ran = shell("upscale", start, out, "-m", MODEL, before=before)
            faults.append(refused(ran, name))
            files = [path.name for path in disk.rglob("*") if path.is_file()]
            found = sorted(set(files) - {"full"})
            if found:
                faults.append(f"{name}: left {', '.join(found)}")
    said = f"{len(OUTPUTS)} kinds of it: a line each, nothing left; {disk_words(mounted)}"
    yield Finding("A full disk under the output", said, tuple(filter(None, faults)))


def refused(ran: Run, what: str) -> str:
    """What is wrong with how a program ended that could not do its work; a folder has a log."""
    if what == "results":
        traceback = "Traceback" in ran.stderr
        return f"{what}: exit {ran.returncode}" if ran.returncode != 1 or traceback else ""
    problem = fault_of(ran) or ("" if ran.returncode else "exit 0")
    return f"{what}: {problem}" if problem else ""


def own_model(place: Path, env: dict[str, str]) -> str:
    """Training into a full folder of the user's models, and listing them."""
    save_model(load_model("natural-x2"), place / "own.safetensors")
    ran = shell("models", env=env)
    return fault_of(ran)


def docks(env: dict[str, str]) -> str:
    """Docks open without preferences that can be written."""
    ran = program(["-m", "tests.soak.windows", 1], env=env)
    said = (ran.stderr.strip().splitlines() or [""])[-1]
    return f"docks: exit {ran.returncode}, {said[:200]}" if ran.returncode else ""
