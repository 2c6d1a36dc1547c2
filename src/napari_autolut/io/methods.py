"""The sentences about processing that belong into the methods section of a paper.

Belongs here: from a history to plain English. The history itself is ``provenance.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from napari_autolut.io.provenance import Noise, ProcessingStep
from napari_autolut.util.grid import CUBIC, NEAREST

VERBS = {
    "upscale": "enlarged {scale} times",
    "restore": "restored at its own size",
    "denoise": "denoised",
    "isotropic": "made isotropic ({scale} times as many slices)",
}
AUTOLUT = "look-up tables follow AutoLUT (Xu et al., CVPR 2025, arXiv 2503.01565)"
RAISR = (
    "tables for slices follow RAISR (Romano, Isidoro and Milanfar, IEEE Trans. Computational "
    "Imaging 3(1), 2017)"
)
ESTIMATES = "; the pixels that they give are estimates and no measurements."
WITHOUT_TABLE = {
    NEAREST: "numbers of labels by nearest neighbour, without a table",
    CUBIC: "slices by cubic interpolation, without a table",
}
HASH_DIGITS = 12
"""Enough of a hash to tell models apart."""


def methods_text(history: Sequence[ProcessingStep]) -> str:
    """Say in sentences what was done to an image; empty where nothing was.

    Parameters
    ----------
    history : sequence of ProcessingStep
        The steps, the first one first.

    Returns
    -------
    str
        One sentence a step, and the reference of the tables.

    Examples
    --------
    >>> step = ProcessingStep("upscale", "natural-x2", "ab" * 32, 2, version="1.0")
    >>> methods_text([step]).partition(" (")[0]
    'The image was enlarged 2 times with napari-autolut 1.0'
    >>> methods_text([])
    ''
    """
    if not history:
        return ""
    starts = ["The image was", *["It was then"] * (len(history) - 1)]
    sentences = [f"{start} {_done(step)}." for start, step in zip(starts, history, strict=True)]
    references = {
        RAISR if step.operation == "isotropic" else AUTOLUT
        for step in history
        if step.model not in WITHOUT_TABLE and step.settings.get("strength") != 0
    }
    words = " and ".join(sorted(references))
    return " ".join([*sentences, *[words[:1].upper() + words[1:] + ESTIMATES] * bool(words)])


def _done(step: ProcessingStep) -> str:
    kind = "restore" if (step.operation, step.scale) == ("upscale", 1) else step.operation
    verb = VERBS[kind].format(scale=f"{step.scale:g}")
    version = f" {step.version}" if step.version else ""
    if step.settings.get("strength") == 0:
        return f"left as it is by napari-autolut{version} ({step.operation}, strength 0)"
    details = "; ".join(filter(None, [_model(step), _range(step), _noise(step), _settings(step)]))
    return f"{verb} with napari-autolut{version}" + (f" ({details})" if details else "")


def _model(step: ProcessingStep) -> str:
    if not step.model:
        return ""
    if step.model in WITHOUT_TABLE:
        return WITHOUT_TABLE[step.model]
    names = [name.strip() for name in step.model.split(",")]
    hashes = [text.strip()[:HASH_DIGITS] for text in step.model_sha256.split(",") if text.strip()]
    known = f", SHA-256 {', '.join(hashes)}" if hashes else ""
    return f"look-up table{'s' * (len(names) > 1)} {', '.join(names)}{known}"


def _range(step: ProcessingStep) -> str:
    ranges = list(dict.fromkeys(step.value_range))
    if not ranges:
        return ""
    words = " and ".join(f"{lo:g} to {hi:g}" for lo, hi in ranges)
    return f"pixel values from {words} as the table's 0 to 255"


def _noise(step: ProcessingStep) -> str:
    if not step.noise and step.settings.get("noise") == "auto":
        return "no noise found"
    models = list(dict.fromkeys(map(_noise_words, step.noise)))
    return " and ".join(models)


def _noise_words(noise: Noise) -> str:
    soft = f", {100 * noise.softness:.0f} % interpolated" if noise.softness else ""
    if noise.gain == 0 and noise.offset_variance <= 0:
        return "no noise" + soft
    sign = "-" if noise.offset_variance < 0 else "+"
    text = f"noise of variance {noise.gain:.4g} x mean {sign} {abs(noise.offset_variance):.4g}"
    if noise.gain == 0:
        text = f"noise of variance {noise.offset_variance:.4g}"
    near = noise.correlation[0] if noise.correlation else 0.0
    return (f"{text} (neighbours correlated by {near:.2f})" if near else text) + soft


def _settings(step: ProcessingStep) -> str:
    said_with_their_numbers = {"value_range": step.value_range, "noise": _noise(step)}
    return ", ".join(
        f"{name.replace('_', ' ')} {value}"
        for name, value in step.settings.items()
        if value not in (None, "") and not said_with_their_numbers.get(name)
    )
