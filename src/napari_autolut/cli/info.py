"""``napari-autolut info``: what a file says of its images, and what was done to them.

Belongs here: the command and its lines. What is read is in ``io``; the sentences for a paper are
``io/methods.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_autolut.cli.models import card_lines
from napari_autolut.cli.output import echo
from napari_autolut.util.text import all_digits, shortened

if TYPE_CHECKING:
    from napari_autolut.io import Channel, ImageFile, ProcessingStep


def info(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="An image, an OME-Zarr or a model (by name, too)."),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, for programs.")
    ] = False,
) -> None:
    """Show size, pixel size and channels of an image file, and how napari-autolut made it.

    For a result it prints model, hash, value range, noise and settings, and sentences for the
    methods section of a paper; for a model its card.
    """
    from napari_autolut.io import open_images
    from napari_autolut.io.methods import methods_text
    from napari_autolut.storage import SUFFIX

    if file.suffix == SUFFIX or _names_a_model(file):
        if as_json:
            raise ValueError(f"{file}: found a model, and --json is for images; leave it out")
        echo(*_table_lines(file))
        return
    with open_images(file) as opened:
        series = opened.series
        images = [opened.read(each.index, memmap_above=0) for each in series]
        if opened.lost:
            images[0] = replace(images[0], remarks=(*images[0].remarks, opened.lost))
    if as_json:
        said = [_as_dict(image) for image in images]
        echo(json.dumps({"file": str(file), "images": said}))
        return
    echo(str(file))
    for number, (image, each) in enumerate(zip(images, series, strict=True)):
        if len(images) > 1:
            name = f" ({shortened(each.name)})" if each.name else ""
            echo("", f"series {number}{name}")
        for line in _lines(image):
            echo(f"  {line}")
    text = methods_text(next((image.history for image in images if image.history), ()))
    if text:
        echo("", text)


def _names_a_model(file: Path) -> bool:
    """Whether there is no such file, but a model that is called so.

    Raises
    ------
    UnknownModelError
        If there is neither, and the name could be that of a model.
    """
    from napari_autolut.storage import UnknownModelError, load_model

    if file.exists() or len(file.parts) != 1:
        return False
    try:
        load_model(str(file))
    except UnknownModelError as error:
        if not file.suffix:
            raise UnknownModelError(f"{file}: no such file, and {error}") from error
        return False
    return True


def _table_lines(file: Path) -> Iterator[str]:
    """What a model says, or a file of tables for slices."""
    from napari_autolut.isotropic.table_file import load_axial_tables, tables_digest
    from napari_autolut.storage import ModelFileError, load_model

    try:
        tables = load_axial_tables(file)
    except ModelFileError:
        yield from card_lines(load_model(str(file)))
        return
    yield f"{file}: tables for slices that stacks lack"
    for number, table in enumerate(tables):
        yield f"  channel {number}   {table}"
    yield f"  sha256      {tables_digest(tables)}"


def _lines(image: ImageFile) -> Iterator[str]:
    sizes = ", ".join(f"{axis} {n}" for axis, n in image.lengths.items())
    yield f"size        {sizes}; {image.data.dtype}"
    if image.pixel_size:
        yield f"pixel size  {_places(image.pixel_size, image)}"
    if any(image.origin.values()):
        yield f"position    {_places(image.origin, image)}"
    for remark in image.remarks:
        yield f"note        {remark}"
    for words in image.not_kept:
        yield f"besides     {words}, which no result has"
    if image.labels:
        yield "values      numbers of labels"
    for number, channel in enumerate(image.channels):
        if words := _channel(channel):
            yield f"channel {number}   {words}"
    for number, step in enumerate(image.history, 1):
        yield f"step {number}      {_step(step)}"
    if not image.history:
        yield "made by     not by napari-autolut, or it was not written down"


def _places(values: Any, image: ImageFile) -> str:
    return ", ".join(
        f"{axis} {value:.6g} {'s' if axis == 'T' else image.unit or '(no unit)'}"
        for axis, value in values.items()
    )


def _channel(channel: Channel) -> str:
    wavelengths = [
        f"{kind} {value:g} nm"
        for kind, value in (("emission", channel.emission), ("excitation", channel.excitation))
        if value
    ]
    colour = [f"colour {channel.colour}"] if channel.colour else []
    return ", ".join([*([shortened(channel.name)] if channel.name else []), *colour, *wavelengths])


def _step(step: ProcessingStep) -> str:
    words = []
    for name, value in step.as_dict().items():
        if name == "operation" or (name == "scale" and value == 1):
            continue
        if isinstance(value, dict):
            words += [f"{key.replace('_', ' ')} {entry}" for key, entry in value.items()]
        elif name == "value_range":
            words.append(
                "range " + " and ".join(f"{all_digits(lo)} to {all_digits(hi)}" for lo, hi in value)
            )
        elif name == "noise":
            models = (f"{all_digits(e['gain'])},{all_digits(e['offset_variance'])}" for e in value)
            words.append("noise (gain,variance) " + " and ".join(models))
            words += [f"softness {all_digits(e['softness'])}" for e in value if e.get("softness")]
        else:
            words.append(f"{name.replace('_', ' ')} {value}")
    return f"{step.operation}: {', '.join(words)}"


def _as_dict(image: ImageFile) -> dict[str, Any]:
    return {
        "axes": image.axes,
        "shape": list(image.data.shape),
        "dtype": str(image.data.dtype),
        "pixel_size": dict(image.pixel_size),
        "unit": image.unit,
        "labels": image.labels,
        "origin": dict(image.origin),
        "channels": [vars(channel) for channel in image.channels],
        "history": [step.as_dict() for step in image.history],
    }
