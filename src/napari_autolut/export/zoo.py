"""Packages of the BioImage Model Zoo: an ONNX model, its description, a test and a picture.

Belongs here: what is in the package, by the zoo's model format 0.5
(https://github.com/bioimage-io/spec-bioimage-io). The test image is scikit-image's camera (CC0),
reduced to a quarter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_autolut.engine import plane_engine
from napari_autolut.export.cascade import SOURCE
from napari_autolut.export.graph import OPSET
from napari_autolut.export.metadata import VALUES, description, left_out
from napari_autolut.model import LutModel
from napari_autolut.storage import list_models
from napari_autolut.util.optional import for_export
from napari_autolut.util.text import printable

FORMAT_VERSION = "0.5.4"
REPOSITORY = "https://github.com/napari-autolut/napari-autolut"
PAPER = {
    "text": "Xu et al.: AutoLUT: LUT-Based Image Super-Resolution with Automatic Sampling and "
    "Adaptive Residual Learning. CVPR 2025",
    "doi": "10.48550/arXiv.2503.01565",
}
MIN_NAME, MAX_NAME, MAX_DESCRIPTION = 5, 128, 512
"""Characters that the format allows."""

MARKDOWN = re.compile(r"[\\`*_\[\]<>&~|#]")
"""What Markdown takes for more than a letter: the zoo's website draws HTML, links and images."""

TEST_SIZE, REDUCTION = (112, 128), 4
COVER_SIDE = 256


def write_package(model: LutModel, content: bytes, path: Path, authors: Sequence[str]) -> None:
    """Write a package to a file.

    Parameters
    ----------
    model : LutModel
        What is packed.
    content : bytes
        The model as ONNX.
    path : Path
        The zip file, replaced if it exists.
    authors : sequence of str
        Who made the model.
    """
    image = _test_image()
    larger = plane_engine()(model, image)
    files = {
        "model.onnx": content,
        "test_input.npy": _npy(image),
        "test_output.npy": _npy(larger),
        "cover.png": _cover(image, larger),
        "README.md": _readme(model).encode(),
    }
    described = _described(model, authors, {n: sha256(c).hexdigest() for n, c in files.items()})
    text = for_export("yaml").safe_dump(described, sort_keys=False, allow_unicode=True, width=100)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, each in {"rdf.yaml": text.encode(), **files}.items():
            archive.writestr(name, each)


def _described(model: LutModel, authors: Sequence[str], digests: dict[str, str]) -> dict[str, Any]:
    """What ``rdf.yaml`` says; ``digests`` are of the files beside it."""

    def file(name: str) -> dict[str, str]:
        return {"source": name, "sha256": digests[name]}

    text = description(model)
    return {
        "format_version": FORMAT_VERSION,
        "type": "model",
        "name": _name(model),
        "description": text
        if len(text) <= MAX_DESCRIPTION
        else f"{text[: MAX_DESCRIPTION - 3]}...",
        "authors": [{"name": each} for each in authors or _authors(model)],
        "cite": [PAPER, {"text": "napari-autolut", "url": REPOSITORY}],
        "license": _licence(model.card.licence),
        "timestamp": _date(model),
        "documentation": file("README.md"),
        "covers": [file("cover.png")],
        "tags": ["2d", "look-up-table", "onnx", model.card.task],
        "git_repo": REPOSITORY,
        "config": {"napari_autolut": {"version": version("napari-autolut"), "scale": model.scale}},
        "inputs": [_tensor(SOURCE, file("test_input.npy"), *_input_axes(model))],
        "outputs": [_tensor("result", file("test_output.npy"), *_output_axes(model))],
        "weights": {"onnx": {**file("model.onnx"), "opset_version": OPSET}},
    }


def _tensor(name: str, test: dict[str, str], *sides: dict[str, Any]) -> dict[str, Any]:
    channel = {"type": "channel", "channel_names": ["intensity"]}
    return {
        "id": name,
        "axes": [{"type": "batch"}, channel, *sides],
        "test_tensor": test,
        "data": {"type": "float32", "range": [0.0, 255.0]},
    }


def _input_axes(model: LutModel) -> list[dict[str, Any]]:
    """Any size that leaves something inside the halo; the zoo's scale is the size of a pixel."""
    smallest = max(16, 4 * model.halo)
    return [
        {
            "type": "space",
            "id": side,
            "size": {"min": smallest, "step": 1},
            "scale": float(model.scale),
        }
        for side in "yx"
    ]


def _output_axes(model: LutModel) -> list[dict[str, Any]]:
    return [
        {
            "type": "space",
            "id": side,
            "size": {"tensor_id": SOURCE, "axis_id": side},
            "scale": 1.0,
            "halo": model.halo * model.scale,
        }
        for side in "yx"
    ]


def _readme(model: LutModel) -> str:
    """The zoo's documentation of the model."""
    card = model.card
    lines = [
        f"# {_as_text(model.name)}",
        _as_text(description(model)),
        f"Enlarges {model.scale} times." if model.scale > 1 else "Keeps the size of the image.",
        f"## Use\n\n{VALUES}",
        left_out(model) and f"{_as_text(left_out(model))}.",
        "## Validation\n\nCompare results with images that are known to be right before anything "
        "is measured in them: sharpened edges look sure where the data are not.",
        f"## Model\n\nLook-up tables of napari-autolut ({REPOSITORY}), written as ONNX, opset "
        f"{OPSET}.",
        card.training_data and f"Trained on: {_as_text(card.training_data)}.",
        card.recipe and f"Recipe: {_as_text(card.recipe)}.",
        card.licence and f"Licence: {_as_text(card.licence)}.",
        *(f"{_as_text(name)}: {_figures(each)}." for name, each in card.benchmark.items()),
    ]
    return "\n\n".join(line for line in lines if line) + "\n"


def _as_text(text: str) -> str:
    """Text of a card, whoever wrote it, as Markdown that shows it as it is."""
    return MARKDOWN.sub(r"\\\g<0>", printable(" ".join(text.split())))


def _figures(figures: Any) -> str:
    return ", ".join(f"{_as_text(name)} {value:g}" for name, value in figures.items())


def _name(model: LutModel) -> str:
    """The model's name, of the letters that the zoo allows."""
    name = re.sub(r"[^A-Za-z0-9_+\- ()]", "-", model.name)[:MAX_NAME]
    return name if len(name) >= MIN_NAME else f"model {name}"


def _licence(terms: str) -> str | None:
    """The licence where it is one that SPDX lists, as the zoo wants it."""
    licences = for_export("packaging.licenses")
    try:
        known = licences.canonicalize_license_expression(terms)
    except licences.InvalidLicenseExpression:
        return None
    return str(known) if known.isprintable() and " " not in known else None


def _authors(model: LutModel) -> list[str]:
    for entry in list_models():
        if entry.origin == "shipped" and entry.name == model.name:
            return ["napari-autolut contributors"]
    return ["unknown"]


def _date(model: LutModel) -> str:
    """The day of the training, or now."""
    day = model.card.date
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"{day}T00:00:00+00:00" if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else now


def _test_image() -> NDArray[np.float32]:
    from skimage.data import camera

    height, width = TEST_SIZE
    part = camera()[: height * REDUCTION, : width * REDUCTION]
    blocks = part.reshape(height, REDUCTION, width, REDUCTION)
    return np.ascontiguousarray(blocks.mean((1, 3), dtype=np.float32))


def _npy(plane: NDArray[np.float32]) -> bytes:
    stream = BytesIO()
    np.save(stream, plane[None, None], allow_pickle=False)
    return stream.getvalue()


def _cover(image: NDArray[np.float32], larger: NDArray[np.float32]) -> bytes:
    """The middle of the image, twice as wide as high: as it is, and the result."""
    cover = Image.new("L", (2 * COVER_SIDE, COVER_SIDE))
    for number, plane in enumerate((image, larger)):
        side = min(plane.shape) // 2
        top, left = ((length - side) // 2 for length in plane.shape)
        part = np.rint(plane[top : top + side, left : left + side]).astype(np.uint8)
        sized = Image.fromarray(part).resize((COVER_SIDE, COVER_SIDE), Image.Resampling.NEAREST)
        cover.paste(sized, (number * COVER_SIDE, 0))
    stream = BytesIO()
    cover.save(stream, "PNG", optimize=True)
    return stream.getvalue()
