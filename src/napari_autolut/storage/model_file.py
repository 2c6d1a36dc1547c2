"""Model files: one ``.safetensors`` file with the tensors and a JSON description.

Belongs here: models to files and back. The container is ``tensor_file.py``, the rules that a model
must keep are in ``model``; where models are found by name is in ``catalogue.py``.

The metadata entry ``napari_autolut`` holds the format version, the graph, the card and a sha256 of
the tensors. In the graph each table, window and residual names its tensor. No pickle anywhere.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from weakref import WeakKeyDictionary

from napari_autolut.model import SCALES, Card, LutModel, require
from napari_autolut.storage.card_json import build_card
from napari_autolut.storage.contents import built, contents_of, oldest_version
from napari_autolut.storage.json_fields import integer_of, object_of
from napari_autolut.storage.tensor_file import (
    TensorFileKind,
    errors_of_file,
    read_description,
    read_tensors,
    tensor_digest,
    write_tensors,
)
from napari_autolut.util.arguments import checked_path
from napari_autolut.util.text import quoted

SUFFIX = ".safetensors"
MODEL_FILE = TensorFileKind(
    key="napari_autolut",
    format="napari-autolut",
    version=4,
    words="a napari-autolut .safetensors file",
    max_bytes=512 * 2**20,
)
"""Files are written in the oldest version that holds their model: filters, of branches that sample
several signals, came with version 2; tables of one input, models for noise, coring and noise floors
with 3; noise that a model knows of without tables for it with 4."""


def save_model(model: LutModel, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a model file; the folder must exist.

    Parameters
    ----------
    model : LutModel
        The model.
    path : str or Path
        The file to write, by custom with the suffix ``.safetensors``.
    overwrite : bool, default False
        Replace a file that exists.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError
        If it is no model, or the file no path.
    ModelError
        If a field of the model's card holds what it cannot hold, such as a number for its name.
    FileExistsError
        If the file exists and ``overwrite`` is false.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from napari_autolut import load_model, save_model
    >>> with TemporaryDirectory() as folder:
    ...     path = save_model(load_model("natural-x2"), Path(folder) / "copy.safetensors")
    ...     load_model(path).name, load_model(path).scale
    ('copy', 2)
    """
    if not isinstance(model, LutModel):
        raise TypeError(
            f"model: found {quoted(model)}, expected a LutModel; load_model(name) gives one"
        )
    target = checked_path(path, "path")
    build_card(asdict(model.card))  # what could not be read again is not written
    graph, tensors = contents_of(model)
    description = {
        "format_version": oldest_version(model),
        "scale": model.scale,
        **graph,
        "card": asdict(model.card),
    }
    write_tensors(target, MODEL_FILE, description, tensors, overwrite=overwrite)
    return target


def model_digest(model: LutModel) -> str:
    """sha256 of a model's tables, as its file has it: what tells models of one name apart.

    Parameters
    ----------
    model : LutModel
        The model; what was computed for it is kept as long as it lives.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    if model not in _digests:
        _digests[model] = tensor_digest(contents_of(model)[1])
    return _digests[model]


_digests: WeakKeyDictionary[LutModel, str] = WeakKeyDictionary()


def load_model_file(path: str | Path) -> LutModel:
    """Read and check a model file.

    Raises
    ------
    ModelFileError
        If the file is missing, unreadable, truncated, of a newer format, or not a valid model.
    """
    path = Path(path)
    description, tensors = read_tensors(path, MODEL_FILE)
    with errors_of_file(path, "model description"):
        return built(description, tensors)


def read_card(path: str | Path) -> tuple[Card, int]:
    """Read the card and the scale of a model alone, quickly: its tables are not checked.

    Parameters
    ----------
    path : str or Path
        A model file.

    Returns
    -------
    card : Card
        Its card.
    scale : int
        Its upscaling factor.

    Raises
    ------
    ModelFileError
        If the file is missing, unreadable, or says nothing of a model.
    """
    path = Path(path)
    description = read_description(path, MODEL_FILE)
    with errors_of_file(path, "model description"):
        scale = integer_of(description, "scale")
        require(scale in SCALES, "scale", scale, f"one of {SCALES}")
        return build_card(object_of(description, "card")), scale
