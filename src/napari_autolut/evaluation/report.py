"""An evaluation as a table for people and as JSON for programs.

Belongs here: layout only. The figures come from ``benchmark.py`` and ``methods.py``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from napari_autolut.evaluation.benchmark import Evaluation, Row
from napari_autolut.evaluation.coverage import ErrorFigures
from napari_autolut.evaluation.methods import Comparison, MethodResult
from napari_autolut.evaluation.scenes import baseline_name
from napari_autolut.evaluation.scores import LeftOut, Score
from napari_autolut.util.text_table import aligned

BASELINE, MODEL = 0, -1
"""Where a comparison of one model holds what ``Evaluation`` is about."""


def of_one_model(comparison: Comparison) -> Evaluation:
    """Give the figures of the only model beside the baseline's, image by image."""
    baseline, model = comparison.results[BASELINE], comparison.results[MODEL]
    rows = (
        Row(*figures)
        for figures in zip(comparison.images, model.scores, baseline.scores, strict=True)
    )
    return Evaluation(
        model.method,
        comparison.scale,
        baseline.method,
        tuple(rows),
        left_out=comparison.left_out,
    )


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
    return (
        row.image,
        f"{row.baseline.psnr:.2f}",
        f"{row.model.psnr:.2f}",
        _gain(row.model, row.baseline),
        f"{row.baseline.ssim:.4f}",
        f"{row.model.ssim:.4f}",
    )


def _gain(score: Score, baseline: Score) -> str:
    gain = score.psnr - baseline.psnr
    return f"{gain:+.2f}" if math.isfinite(gain) else "-"


def as_comparison(comparison: Comparison) -> str:
    """One line a method: mean PSNR and SSIM, bytes, milliseconds for a million pixels of result."""
    results = comparison.results
    baseline = results[BASELINE]
    header = ("method", "PSNR dB", "gain", "SSIM", "bytes", "ms/MP")
    rows = [
        (
            each.method,
            f"{each.mean.psnr:.2f}",
            "-" if each is baseline else _gain(each.mean, baseline.mean),
            f"{each.mean.ssim:.4f}",
            str(each.nbytes) if each.nbytes else "-",
            "-" if each.milliseconds is None else f"{each.milliseconds:.1f}",
        )
        for each in results
    ]
    return aligned([header, *rows], left=1)


def as_json(evaluation: Evaluation) -> str:
    """All figures of one model, unrounded; an infinite PSNR (equal images) is null."""
    return _json(_of_evaluation(evaluation))


def comparison_as_json(
    comparison: Comparison, errors: Mapping[str, ErrorFigures] = MappingProxyType({})
) -> str:
    """All figures of all methods, unrounded; those of one model also as `as_json` gives them.

    ``errors`` are the figures of expected errors by model.
    """
    models = [each for each in comparison.results if each.nbytes]
    if len(models) == 1:
        description = _of_evaluation(of_one_model(comparison))
    else:
        description = {
            "scale": comparison.scale,
            "baseline": baseline_name(comparison.scale),
            **_of_left_out(comparison.left_out),
        }
    description["methods"] = [_of_method(each, comparison.images) for each in comparison.results]
    if errors:
        description["expected_error"] = {name: each.as_json() for name, each in errors.items()}
    return _json(description)


def _of_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "model": evaluation.model,
        "scale": evaluation.scale,
        "baseline": evaluation.baseline,
        "images": [_figures(row) for row in evaluation.rows],
        "mean": _figures(evaluation.mean),
        **_of_left_out(evaluation.left_out),
        **_of_errors(evaluation.expected_error),
    }


def _of_left_out(images: Sequence[LeftOut]) -> dict[str, Any]:
    return {"left_out": [vars(each) for each in images]} if images else {}


def _of_errors(figures: ErrorFigures | None) -> dict[str, Any]:
    return {} if figures is None else {"expected_error": figures.as_json()}


def _figures(row: Row) -> dict[str, Any]:
    baseline = {f"baseline_{key}": number for key, number in _of_score(row.baseline).items()}
    return {"image": row.image, **_of_score(row.model), **baseline}


def _of_method(result: MethodResult, images: tuple[str, ...]) -> dict[str, Any]:
    scores = zip(images, result.scores, strict=True)
    return {
        "method": result.method,
        "bytes": result.nbytes,
        "milliseconds_per_megapixel": result.milliseconds,
        **_of_score(result.mean),
        "images": [{"image": image, **_of_score(score)} for image, score in scores],
    }


def _of_score(score: Score) -> dict[str, float | None]:
    psnr = score.psnr if math.isfinite(score.psnr) else None
    return {"psnr_y": psnr, "ssim_y": score.ssim if math.isfinite(score.ssim) else None}


def _json(description: dict[str, Any]) -> str:
    whole = {"napari_autolut": version("napari-autolut"), **description}
    return json.dumps(whole, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
