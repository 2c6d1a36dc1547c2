"""Speed of every shipped table against another checkout, in pairs A B A B.

    python benchmarks/versus.py CHECKOUT [--tables NAME ...] [--pairs N] [--threads N]

CHECKOUT has a ``.venv`` of its own. One process of each runs all the time, both on the same core;
they take turns, so that a machine that others use slows both. With one thread it is processor time
that counts. Beside a load of 19 on two cores, ratios of equal code were 0.99 to 1.02, by the clock
0.93 to 1.25.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

WORKER = """
import os, sys, time
import numpy as np
from skimage.data import astronaut
from napari_autolut import load_model, upscale
alone = os.environ["NAPARI_AUTOLUT_THREADS"] == "1"
now = time.process_time if alone else time.perf_counter
image = astronaut()[:180, :320]
for line in sys.stdin:
    model = load_model(line.strip())
    upscale(image, model)
    print("ready", flush=True)
    while sys.stdin.readline().strip() == "go":
        start = now()
        upscale(image, model)
        print(now() - start, flush=True)
"""


class Worker:
    """A process that runs a checkout's ``upscale`` when told to."""

    def __init__(self, checkout: Path, threads: int) -> None:
        cores = sorted(os.sched_getaffinity(0))[:threads]
        self._process = subprocess.Popen(
            [checkout / ".venv" / "bin" / "python", "-c", WORKER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=checkout,
            env=os.environ | {"NAPARI_AUTOLUT_THREADS": str(threads)},
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )  # fmt: skip

    def ask(self, line: str) -> str:
        """Send a line, and wait for the answer."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def tell(self, line: str) -> None:
        """Send a line that is not answered."""
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Let the process end."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--tables", nargs="*")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    names = options.tables or sorted(path.stem for path in (ROOT / "luts").glob("*.safetensors"))
    here, there = Worker(ROOT, options.threads), Worker(options.checkout, options.threads)
    for name in names:
        model = str(ROOT / "luts" / f"{name}.safetensors")
        for worker in (here, there):
            worker.ask(model)
        pairs = [(float(here.ask("go")), float(there.ask("go"))) for _ in range(options.pairs)]
        for worker in (here, there):
            worker.tell("")
        ours, theirs = (1000 * statistics.median(side) for side in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"{name:20} {ours:7.1f} ms {theirs:7.1f} ms  ratio {ratio:.3f}")
        sys.stdout.flush()
    for worker in (here, there):
        worker.end()


if __name__ == "__main__":
    main()
