"""An evaluation as a table for people and as JSON for programs.

Belongs here: layout only. The figures come from ``evaluation.py``.
"""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from typing import Any

from napari_autolut.evaluation import Evaluation, Row
from napari_autolut.texttable import aligned


def as_table(evaluation: Evaluation) -> str:
    """Lines of aligned columns, the mean at the end."""
    names = (evaluation.baseline, evaluation.model)
    header = (
        "image",
        *(f"{name} dB" for name in names),
        "gain",
        *(f"{name} SSIM" for name in names),
    )
    rows = [_cells(row) for row in (*evaluation.rows, evaluation.mean)]
    return aligned([header, *rows], left=1)


def _cells(row: Row) -> tuple[str, ...]:
    gain = row.model.psnr - row.baseline.psnr
    return (
        row.image,
        f"{row.baseline.psnr:.2f}",
        f"{row.model.psnr:.2f}",
        f"{gain:+.2f}" if math.isfinite(gain) else "-",
        f"{row.baseline.ssim:.4f}",
        f"{row.model.ssim:.4f}",
    )


def as_json(evaluation: Evaluation) -> str:
    """All figures, unrounded; an infinite PSNR (equal images) is null."""
    description = {
        "napari_autolut": version("napari-autolut"),
        "model": evaluation.model,
        "scale": evaluation.scale,
        "baseline": evaluation.baseline,
        "images": [_figures(row) for row in evaluation.rows],
        "mean": _figures(evaluation.mean),
    }
    return json.dumps(description, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def _figures(row: Row) -> dict[str, Any]:
    def finite(number: float) -> float | None:
        return number if math.isfinite(number) else None

    return {
        "image": row.image,
        "psnr_y": finite(row.model.psnr),
        "ssim_y": finite(row.model.ssim),
        "baseline_psnr_y": finite(row.baseline.psnr),
        "baseline_ssim_y": finite(row.baseline.ssim),
    }
