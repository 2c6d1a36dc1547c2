"""What results say of how a stack was made isotropic: enough to make it again.

Belongs here: what a plan came to, in plain values. The record itself is ``io/provenance.py``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from napari_autolut.isotropic.plan import IsotropicPlan
from napari_autolut.isotropic.table_file import tables_digest
from napari_autolut.util.grid import CUBIC
from napari_autolut.util.text import printable

LEARNED, GIVEN = "learned on the stack", "learned before"


def record_of(plan: IsotropicPlan, kept: Path | None = None) -> dict[str, Any]:
    """Describe what is done by a plan.

    Learning gives the same table from the same stack, blur and distance, with any number of
    threads. The hash tells whether a table that is learned again, or one of a file, is the one.

    Parameters
    ----------
    plan : IsotropicPlan
        What is done.
    kept : pathlib.Path, optional
        The file in which its tables were kept.

    Returns
    -------
    dict
        Fields of a ``ProcessingStep``; of ``settings``, those that were found.
    """
    tables = plan.tables
    file = plan.given if isinstance(plan.given, str | os.PathLike) else kept
    learned = LEARNED if plan.given is None else GIVEN
    found = {
        "psf": str(plan.psf) if plan.given is None else "",
        "blur": ", ".join(dict.fromkeys(str(table.blur) for table in tables)),
        "table": printable(Path(file).name) if file else "",
    }
    return {
        "model": CUBIC if all(table.is_cubic for table in tables) else learned,
        "model_sha256": tables_digest(tables),
        "scale": plan.sampling.factor,
        "value_range": [(each.limits.lo, each.limits.hi) for each in plan.interpolations],
        "settings": {name: value for name, value in found.items() if value != ""},
    }
