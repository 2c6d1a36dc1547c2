"""First calls with an empty kernel cache: seconds, processor seconds, files.

    python benchmarks/compile.py [NAME ...]

Each table is called in a process of its own with a cache of its own, then all of them in one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LUTS = Path(__file__).parents[1] / "luts"

PROGRAM = """
import sys, time
import numpy as np
import napari_autolut
image = (np.random.default_rng(0).random((64, 64)) * 255).astype(np.uint8)
for name in sys.argv[1:]:
    start, used = time.perf_counter(), time.process_time()
    napari_autolut.upscale(image, name)
    print(f"{name:20} {time.perf_counter() - start:6.2f} s {time.process_time() - used:6.2f} s")
"""


def run(names: list[str]) -> None:
    """Call some tables, one after the other, in a fresh process with an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"NUMBA_CACHE_DIR": cache}
        subprocess.run([sys.executable, "-c", PROGRAM, *names], check=True, env=environment)
        print(f"{'':20} {sum(path.is_file() for path in Path(cache).rglob('*')):6} files\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    wanted = parser.parse_args().names
    print(f"{'table':20} {'time':>8} {'processor':>8}")
    for name in wanted or ["natural-x4-light", "natural-x4"]:
        run([name])
    run(wanted or sorted(path.stem for path in LUTS.glob("*.safetensors")))


if __name__ == "__main__":
    main()
