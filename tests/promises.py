"""What the pages promise of systems and Python versions, checked against the package index.

Run by ``make promises``; takes minutes and the network. For every cell of the first table of
``docs/reference/systems.md`` uv resolves what is installed there, from wheels alone. For Pythons
that are promised it must succeed; for others it must fail, else the page promises too little. No
assertions: ``test_promises.py`` tests it without the network.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "systems.md"
OTHER_PAGES = ("README.md", "docs/index.md", "docs/howto/train.md")

PLATFORMS = {
    "Windows, Intel or AMD": "x86_64-pc-windows-msvc",
    "Windows, ARM": "aarch64-pc-windows-msvc",
    "macOS, Apple silicon": "aarch64-apple-darwin",
    "macOS, Intel": "x86_64-apple-darwin",
    "Linux, Intel or AMD": "x86_64-manylinux_2_28",
    "Linux, ARM": "aarch64-manylinux_2_35",
}
"""Names of the page, and what uv calls them."""

BINDINGS = ("pyqt6", "pyside6")
"""One of them is needed for napari's window."""

EXTRAS = {
    "upscale, denoise, compare": BINDINGS,
    "train": ("train",),
    "OME-Zarr": ("zarr", "distributed"),
    "files of microscopes": ("bioio",),
}
"""Columns of the page, and the extras that each of their cells promises, one by one."""


class Promise(NamedTuple):
    """That an extra installs on a system with a Python, or that it does not."""

    system: str
    python: str
    extra: str
    kept: bool


def pythons() -> list[str]:
    """The versions that the package names."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    classifiers = tomllib.loads(text)["project"]["classifiers"]
    found = [re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", c) for c in classifiers]
    return [match[1] for match in found if match]


def promises(page: str) -> Iterator[Promise]:
    """What the first table of the page says, cell by cell."""
    lines = [line for line in page.split("\n## ")[0].splitlines() if line.startswith("|")]
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    for system, *cells in rows:
        for column, cell in zip(head[1:], cells, strict=True):
            yield from (
                Promise(system, python, extra, python in _versions(cell))
                for python in pythons()
                for extra in EXTRAS[column]
            )


def _versions(cell: str) -> list[str]:
    """Every version of a cell such as ``Python 3.11 to 3.13``; none of ``no``."""
    if cell == "no":
        return []
    match = re.fullmatch(r"Python 3\.(\d+) to 3\.(\d+)", cell)
    if match is None:
        raise ValueError(f"{PAGE}: found {cell!r}, expected 'Python 3.a to 3.b' or 'no'")
    return [f"3.{minor}" for minor in range(int(match[1]), int(match[2]) + 1)]


Why = Callable[[str, str, Sequence[str]], str]
"""Of a system, a Python and extras: why they do not install; empty where they do."""


def missing(system: str, python: str, extras: Sequence[str]) -> str:
    """Ask the index which wheels are missing for extras beside napari."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        raise SystemExit("found no uv, expected it on the path; pip install uv")
    with tempfile.TemporaryDirectory() as folder:
        command = [
            uv, "pip", "compile", "--quiet", "--no-config", "--only-binary", ":all:",
            "--python-platform", PLATFORMS[system], "--python-version", python,
            "--output-file", str(Path(folder) / "resolved.txt"), "pyproject.toml",
            *(part for extra in extras for part in ("--extra", extra)),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.returncode:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines()]
    return next((line for line in lines if "Because" in line), " ".join(lines) or "uv failed")


def broken(found: Iterable[Promise], why: Why) -> Iterator[str]:
    """What is not as promised, a sentence each.

    What is promised for a Python is resolved together, and one by one only where that fails; what
    lacks a window cannot have the rest.
    """
    for (system, python), cells in groupby(found, lambda each: (each.system, each.python)):
        kept: dict[bool, list[str]] = {True: [], False: []}
        for each in cells:
            kept[each.kept].append(each.extra)
        for extras in (sorted({*kept[True]} - {BINDINGS[1]}), [BINDINGS[1]]):
            if not {*extras} <= {*kept[True]} or not extras or not why(system, python, extras):
                continue
            for extra in extras:
                if reason := why(system, python, _with_window(extra)):
                    name = f"{system}, Python {python}, [{extra}]"
                    yield f"{name}: promised, and does not install: {reason}"
        without_window = False
        for extra in kept[False]:
            if without_window and extra not in BINDINGS:
                continue
            if why(system, python, _with_window(extra)):
                without_window |= extra == BINDINGS[0]
            else:
                yield f"{system}, Python {python}, [{extra}]: not promised, and installs"


def _with_window(extra: str) -> list[str]:
    return [extra] if extra in BINDINGS else [extra, BINDINGS[0]]


def disagreements() -> Iterator[str]:
    """Where other pages or the package's own bounds say something else than the page."""
    first, last = pythons()[0], pythons()[-1]
    sentence = f"Python {first} to {last}"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    if project["requires-python"] != f">={first}":
        yield f"pyproject.toml: requires {project['requires-python']}, expected >={first}"
    for name in OTHER_PAGES[:2]:
        text = " ".join((ROOT / name).read_text("utf-8").split())
        if sentence not in text:
            yield f"{name}: does not say {sentence!r}"
        if "Intel" not in text:
            yield f"{name}: does not say what Macs with an Intel processor lack"
    bounds = {
        requirement.name: re.findall(r">=([\d.]+)", str(requirement.specifier))
        for extra in (project["dependencies"], project["optional-dependencies"]["train"])
        for requirement in map(Requirement, extra)
        if ">=" in str(requirement.specifier)
    }
    for name, word in (("torch", "PyTorch"), ("napari", "napari")):
        pages = " ".join((ROOT / each).read_text("utf-8") for each in OTHER_PAGES)
        if f"{word} {bounds[name][0]} or newer" not in " ".join(pages.split()):
            yield f"{', '.join(OTHER_PAGES)}: none says '{word} {bounds[name][0]} or newer'"


def main() -> int:
    """Print what is not as promised."""

    def asked(system: str, python: str, extras: Sequence[str]) -> str:
        reason = missing(system, python, extras)
        print(f"{system}, Python {python}, {extras}: {reason or 'installs'}", flush=True)  # noqa: T201
        return reason

    found = sorted(promises(PAGE.read_text("utf-8")), key=lambda each: (each.system, each.python))
    problems = [*disagreements(), *broken(found, asked)]
    print("\n".join(["", *problems]) if problems else "\nevery promise is kept")  # noqa: T201
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
