"""What all parts share: findings, and programs that run with limits. No part belongs here.

A part is a function that takes an amount, 1 for a run of ten minutes, and yields findings.
"""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "soak"
"""What is kept from run to run: kernels with bounds checks, findings of parts that were not run."""

MEGABYTE = 2**20

Run = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Finding:
    """What one row of the page says.

    Parameters
    ----------
    what : str
        What was done.
    found : str
        How often, and what came of it.
    faults : tuple of str
        What went wrong; nothing must.
    """

    what: str
    found: str
    faults: tuple[str, ...] = ()


Part = Callable[[float], Iterator[Finding]]


def scaled(count: int, amount: float) -> int:
    """So many in ten minutes, and at least one."""
    return max(1, round(count * amount))


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, which is gone afterwards."""
    with TemporaryDirectory(prefix="autolut-soak-") as name:
        yield Path(name)


def limited(**limits: int) -> Callable[[], None]:
    """What to run in a child before its program: limits of the system by their names, in bytes."""

    def before() -> None:
        import resource

        for name, most in limits.items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))

    return before


def program(
    arguments: Sequence[object],
    *,
    env: dict[str, str] | None = None,
    without: Sequence[str] = (),
    before: Callable[[], None] | None = None,
    seconds: float = 300,
    cwd: Path = ROOT,
) -> Run:
    """Run Python with arguments; a run that takes too long has the return code 124."""
    whole = {key: value for key, value in os.environ.items() if key not in without} | (env or {})
    command = [sys.executable, *map(str, arguments)]
    try:
        return subprocess.run(
            command, env=whole, preexec_fn=before, timeout=seconds, cwd=cwd,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Run(command, 124, "", f"still running after {seconds:g} s\n")


def shell(*arguments: object, **how: Any) -> Run:
    """Run the shell command; ``how`` as for `program`."""
    return program(["-m", "napari_autolut", *arguments], **how)


def fault_of(run: Run) -> str:
    """What is wrong with how a program ended: it succeeds without a word, or says one line."""
    said = run.stderr.strip().splitlines()
    lines = [line for line in said if not line.startswith("napari-autolut: warning: ")]
    if (run.returncode == 0 and not lines) or (run.returncode in (1, 2) and len(lines) == 1):
        return ""
    last = lines[-1] if lines else "nothing on stderr"
    return f"exit {run.returncode}, {len(lines)} lines, the last: {last[:300]}"


def batches(
    module: str, arguments: Sequence[Sequence[object]], *, memory: int, seconds: float
) -> list[dict[str, Any]]:
    """Run a part's own program once for each list of arguments, and take the JSON it prints.

    A program that dies is a fault that shows its last line.
    """
    found = []
    for each in arguments:
        run = program(
            ["-W", "error", "-m", f"tests.soak.{module}", *each],
            before=limited(AS=memory), seconds=seconds,
        )  # fmt: skip
        if run.returncode:
            last = (run.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
            said = " ".join(map(str, each))
            found.append({"faults": [f"{said}: exit {run.returncode}, {last[:300]}"]})
        else:
            found.append(json.loads(run.stdout.splitlines()[-1]))
    return found


def watch(seconds: float) -> None:
    """End this program with a traceback unless this is called again in time; also in C code."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)


def peak_memory() -> int:
    """Most memory that this program had so far, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def report(found: object) -> None:
    """Print what a part's own program found, for `batches` and others to read."""
    faulthandler.cancel_dump_traceback_later()
    sys.stdout.write(f"{json.dumps(found)}\n")


def in_all(found: Sequence[dict[str, Any]], key: str) -> int:
    """Sum of a count over batches."""
    return sum(int(each.get(key, 0)) for each in found)


def faults_in(found: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """All faults of batches."""
    return tuple(fault for each in found for fault in each.get("faults", ()))
