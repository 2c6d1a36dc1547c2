"""Runs all parts, or some, two at a time, and writes docs/reliability.md.

Belongs here: which parts there are, and the page. Each part runs in a program of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from importlib import import_module
from importlib.metadata import version

from benchmarks.pages import markdown, put

from tests.soak.part import ROOT, Finding, Part, report

PAGE = ROOT / "docs" / "reliability.md"
MINUTES = 10.0
"""How long a run takes on two idle cores; counts of longer ones grow with it."""

AT_ONCE = 2
PARTS = ("damaged_images", "engines", "killed_trainings", "windows", "level", "damaged_models",
         "kills", "full_disks", "surroundings", "pools", "bits")  # fmt: skip
"""Long ones first, so that none is left alone at the end."""


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--minutes", type=float, default=MINUTES, help="more, larger counts")
    parser.add_argument("--findings", action="store_true", help="print JSON; write no page")
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"found {', '.join(sorted(unknown))}, expected parts of {', '.join(PARTS)}")
    return asked


def findings(part: str, amount: float) -> list[Finding]:
    """What a part finds; a part that breaks is a fault."""
    run: Part = import_module(f"tests.soak.{part}").run
    found = []
    try:
        for each in run(amount):
            found.append(each)
            sys.stderr.write(f"  {each.what}: {each.found} {'; '.join(each.faults)}\n")
    except Exception as error:  # noqa: BLE001 - a fault, whatever it is
        found.append(Finding(part, "", (f"{type(error).__name__}: {str(error)[:300]}",)))
    return found


def in_own_program(part: str, minutes: float) -> tuple[float, list[Finding]]:
    """Seconds that a part took, and its findings."""
    start = time.monotonic()
    command = [sys.executable, "-m", "tests.soak", part, "--findings", "--minutes", str(minutes)]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.monotonic() - start
    if ran.returncode:
        return seconds, [Finding(part, "", (f"exit {ran.returncode}",))]
    return seconds, [Finding(**each) for each in json.loads(ran.stdout.splitlines()[-1])]


def written(rows: Sequence[list[str]], faults: Sequence[str], seconds: float) -> str:
    """What the page says of this run."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = f"{os.cpu_count()} cores ({platform.machine()})"
    machine = f"{platform.system()} on {cores}, {memory:.0f} GB"
    packages = ", ".join(f"{name} {version(name)}" for name in
                         ("napari-autolut", "numpy", "numba", "tifffile", "torch"))  # fmt: skip
    head = (
        f"Run of {date.today():%d %B %Y}: {machine}, Python {platform.python_version()}, "
        f"{packages}; {seconds / 60:.0f} minutes."
    )
    said = f"{len(faults)} faults:\n\n" + "\n".join(f"- {each}" for each in faults)
    table = markdown(["What", "Found", "Seconds"], list(rows))
    return f"{head} {said if faults else 'No fault.'}\n\n{table}"


def main() -> int:
    """Run, and give the exit status: 1 if there was a fault."""
    asked = arguments()
    parts = asked.parts or PARTS
    if asked.findings:
        amount = asked.minutes / MINUTES
        found = [asdict(each) for part in parts for each in findings(part, amount)]
        report(found)
        return 0
    start = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda part: in_own_program(part, asked.minutes), parts))
    rows: list[list[str]] = []
    faults: list[str] = []
    for seconds, of_part in results:
        for number, each in enumerate(of_part):
            rows.append([each.what, each.found, "" if number else f"{seconds:.0f}"])
            faults += [f"{each.what}: {fault}" for fault in each.faults]
    text = written(rows, faults, time.monotonic() - start)
    sys.stdout.write(f"{text}\n")
    if not asked.parts:
        put("soak", text, PAGE)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
