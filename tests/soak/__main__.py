"""Runs all parts, or some, two at a time, and writes docs/reliability.md.

Belongs here: which parts there are, and the page. Each part runs in a program of its own. What the
latest run of a part found is kept in ``build/soak``; the page has a part's latest findings, so that
one part can be run again alone.
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
from dataclasses import asdict, dataclass
from datetime import date
from importlib import import_module
from importlib.metadata import version

from benchmarks.pages import markdown, put

from tests.soak.part import BUILD, ROOT, Finding, Part, report

PAGE = ROOT / "docs" / "reliability.md"
MINUTES = 10.0
"""How long a run takes on two idle cores; counts of longer ones grow with it."""

AT_ONCE = 2
PARTS = ("kills", "killed_trainings", "pools", "surroundings", "level", "damaged_images",
         "full_disks", "engines", "damaged_models", "windows", "bits")  # fmt: skip
"""Long ones first, so that none is left alone at the end."""


@dataclass(frozen=True)
class PartRun:
    """One run of a part.

    Parameters
    ----------
    part : str
        Its name.
    day : str
        When it was run.
    seconds : float
        How long it took.
    findings : tuple of Finding
        What it found.
    """

    part: str
    day: str
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> list[str]:
        """All that went wrong."""
        return [f"{each.what}: {fault}" for each in self.findings for fault in each.faults]

    def rows(self) -> list[list[str]]:
        """Rows of the page's table."""
        return [
            [each.what, each.found, *(("", "") if number else (f"{self.seconds:.0f} s", self.day))]
            for number, each in enumerate(self.findings)
        ]

    def keep(self) -> None:
        """Write it down, in place of an earlier run of the part."""
        BUILD.mkdir(parents=True, exist_ok=True)
        (BUILD / f"{self.part}.json").write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def kept(cls, part: str) -> PartRun | None:
        """The latest run of a part, if there was one."""
        path = BUILD / f"{part}.json"
        if not path.exists():
            return None
        said = json.loads(path.read_text("utf-8"))
        return cls(**{**said, "findings": tuple(map(finding, said["findings"]))})


def finding(said: dict[str, object]) -> Finding:
    """A finding of its JSON."""
    return Finding(str(said["what"]), str(said["found"]), tuple(said["faults"]))  # type: ignore[arg-type]


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--minutes", type=float, default=MINUTES, help="more, larger counts")
    parser.add_argument("--findings", action="store_true", help="print JSON; write nothing")
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


def run_of(part: str, minutes: float) -> PartRun:
    """Run a part in a program of its own, and keep what it found."""
    start = time.monotonic()
    command = [sys.executable, "-m", "tests.soak", part, "--findings", "--minutes", str(minutes)]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    found = (Finding(part, "", (f"exit {ran.returncode}",)),)
    if not ran.returncode:
        found = tuple(map(finding, json.loads(ran.stdout.splitlines()[-1])))
    run = PartRun(part, f"{date.today():%d %B %Y}", time.monotonic() - start, found)
    run.keep()
    return run


def page_text(runs: Sequence[PartRun]) -> str:
    """What the page says of the latest runs of all parts."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = f"{os.cpu_count()} cores ({platform.machine()})"
    packages = ", ".join(f"{name} {version(name)}" for name in
                         ("napari-autolut", "numpy", "numba", "tifffile", "torch"))  # fmt: skip
    machine = f"{platform.system()} on {cores}, {memory:.0f} GB, Python {platform.python_version()}"
    faults = [fault for run in runs for fault in run.faults]
    said = f"Faults: {len(faults)}.\n\n" + "\n".join(f"- {each}" for each in faults)
    table = markdown(["What", "Found", "Took", "Run"], [row for run in runs for row in run.rows()])
    return f"{machine}, {packages}. {said if faults else 'No fault.'}\n\n{table}"


def main() -> int:
    """Run, and give the exit status: 1 if there was a fault."""
    asked = arguments()
    parts = asked.parts or PARTS
    if asked.findings:
        amount = asked.minutes / MINUTES
        report([asdict(each) for part in parts for each in findings(part, amount)])
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(lambda part: run_of(part, asked.minutes), parts))
    sys.stdout.write(f"{page_text(runs)}\n")
    latest = [run for part in PARTS if (run := PartRun.kept(part))]
    if len(latest) == len(PARTS):
        put("soak", page_text(latest), PAGE)
    return int(any(run.faults for run in runs))


if __name__ == "__main__":
    sys.exit(main())
