"""What docks say in words and figures: plain text, no Qt."""

from __future__ import annotations

from napari_autolut.layers.plan import UpscalePlan
from napari_autolut.layers.results_to_layers import LayerUpscaling
from napari_autolut.layers.seen import Part
from napari_autolut.model.card import Card
from napari_autolut.model.graph import LutModel
from napari_autolut.storage.summaries import TIMES, psnr

GAP = "\N{NO-BREAK SPACE}"
"""Between a figure and its unit."""

SPEED_SIDE = 512
"""Side in pixels of the image whose time a card tells."""


def card_lines(model: LutModel, seconds_per_pixel: float | None = None) -> list[tuple[str, str]]:
    """Name and text of each line about a model, without those of which nothing is known."""
    card = model.card
    size = size_text(model.nbytes)
    if seconds_per_pixel is not None:
        took = duration_text(seconds_per_pixel * SPEED_SIDE**2)
        size += f"; {took} for {SPEED_SIDE} {TIMES} {SPEED_SIDE}{GAP}px here"
    lines = [
        ("Task", f"{card.task}, {TIMES}{model.scale}" if model.scale > 1 else card.task),
        ("For", card.description),
        ("Trained on", card.training_data),
        ("PSNR", "\n".join(figure_lines(card))),
        ("Size" if seconds_per_pixel is None else "Size, speed", size),
        ("Licence", card.licence),
    ]
    return [(name, text) for name, text in lines if text]


def figure_lines(card: Card) -> list[str]:
    """The PSNR on each data set of a card, and how much more than bicubic's that is."""
    lines = []
    for data_set, figures in card.benchmark.items():
        own, bicubic = psnr(figures), psnr(figures, "bicubic_")
        if own is not None:
            gain = "" if bicubic is None else f" ({own - bicubic:+.2f})"
            name = data_set.replace("-", "\N{NON-BREAKING HYPHEN}")
            lines.append(f"{name}{GAP}{own:.2f}{GAP}dB{gain}")
    return lines


def result_text(upscaling: LayerUpscaling) -> str:
    """Shape, colours, type and size of what an upscaling gives."""
    shape = upscaling.result_shape
    pixels = {3: "RGB", 4: "RGBA"}[shape[-1]] if upscaling.rgb else "px"
    extent = f" {TIMES} ".join(str(size) for size in (shape[:-1] if upscaling.rgb else shape))
    lazy = ", computed when shown" if upscaling.lazy else f", {size_text(upscaling.result_nbytes)}"
    return f"{extent} {pixels}, {upscaling.array.dtype}{lazy}"


def piece_text(
    part: Part, view: Part, upscaling: LayerUpscaling, seconds: float, source_hidden: bool
) -> str:
    """How much larger the lens shows which part of the view, and how long that took."""
    text = f"{TIMES}{upscaling.model.scale}, {_extent(part)}{GAP}px"
    if not part.holds(view):
        text += f" of {_extent(view)} in {duration_text(seconds)}; refining\N{HORIZONTAL ELLIPSIS}"
    else:
        text += f" in {duration_text(seconds)}"
        if not view.whole:
            text += ". The middle of what is in view; zoom in for all of it"
    if source_hidden:
        text += ". The image is hidden meanwhile, as its blending would add it to the lens"
    return text


def _extent(part: Part) -> str:
    return f" {TIMES} ".join(str(n) for n in part.shape if n > 1) or "1"


def plan_text(plan: UpscalePlan) -> str:
    """What a run will give: shape, type, size, time, and why it is lazy where nobody chose so."""
    first, *others = plan.upscalings
    if others:
        text = f"{1 + len(others)} results"
        text += ", computed when shown" if plan.lazy else f", {size_text(plan.nbytes)} in all"
    else:
        text = result_text(first)
    if plan.seconds is not None:
        text += f", {about(plan.seconds)}"
    if plan.too_large:
        text += (
            f". In memory it would take {size_text(plan.memory.needed)} of "
            f"{size_text(plan.memory.free)} that are free"
        )
    return f"Result: {text}"


def about(seconds: float) -> str:
    """A duration that is only known roughly: about 1 s, about 20 s, about 3 min, about 2 h."""
    if seconds < 1:
        return f"less than 1{GAP}s"
    if seconds < 10:
        return f"about {seconds:.0f}{GAP}s"
    if seconds < 90:
        return f"about {round(seconds, -1):.0f}{GAP}s"
    if seconds < 5400:
        return f"about {seconds / 60:.0f}{GAP}min"
    return f"about {seconds / 3600:.0f}{GAP}h"


def size_text(count: int) -> str:
    """Bytes in decimal units: 950 bytes, 3.2 kB, 335 kB, 1.3 MB."""
    size, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    digits = 1 if size < 10 and unit != "bytes" else 0
    return f"{size:.{digits}f}{GAP}{unit}"


def duration_text(seconds: float) -> str:
    """Time for people: 80 ms, 1.2 s, 2 min 5 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f}{GAP}ms"
    if seconds < 60:
        return f"{seconds:.1f}{GAP}s"
    return f"{seconds // 60:.0f}{GAP}min {seconds % 60:.0f}{GAP}s"


def breakable(text: str) -> str:
    """Text whose long paths may be wrapped after a separator, so that no dock grows for them."""
    return text.replace("/", "/\N{ZERO WIDTH SPACE}").replace("\\", "\\\N{ZERO WIDTH SPACE}")
