"""Random valid models in both engines, with every index of compiled code checked against its array.

Belongs here: the comparison. The models are ``tests/models.py``. Run by itself it draws models of
one seed, and prints counts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from tests.soak.part import BUILD, Finding, program, report, scaled, watch

COUNT = 1000
SECONDS = 300.0
"""Of one model at most; kernels are compiled in it."""


def run(amount: float) -> Iterator[Finding]:
    """Draw other models in every run."""
    count, seed = scaled(COUNT, amount), int.from_bytes(os.urandom(4), "big")
    checked = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(BUILD / "checked-kernels")}
    what = ["-m", "tests.soak.engines", seed, count]
    ran = program(what, env=checked, seconds=SECONDS + count * 2)
    faults = ()
    if ran.returncode:
        said = " | ".join(ran.stderr.strip().splitlines()[-6:])
        faults = (f"seed {seed}: exit {ran.returncode}, {said[:600]}",)
    drawn = json.loads(ran.stdout.splitlines()[-1])["models"] if not ran.returncode else 0
    yield Finding(
        "Random valid models, fast against reference engine, under bounds checks",
        f"{drawn:,} models equal to the last bit (seed {seed})",
        faults,
    )


def main(seed: int, count: int) -> None:
    """Draw and compare ``count`` models."""
    import hypothesis
    import numba
    import numpy as np
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    from napari_autolut.engine import fast, reference
    from tests.models import lut_models, planes

    assert numba.config.BOUNDSCHECK
    drawn = 0

    @hypothesis.seed(seed)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(lut_models(max_grid_size=5), planes(20), st.sampled_from([1, 2, 3]))
    def compared(model: Any, plane: Any, threads: int) -> None:
        nonlocal drawn
        watch(SECONDS)
        expected = reference.upscale_plane(model, plane)
        np.testing.assert_array_equal(fast.upscale_plane(model, plane, threads=threads), expected)
        drawn += 1

    compared()
    report({"models": drawn})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
