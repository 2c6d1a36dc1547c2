"""What ``napari-autolut train`` does before the trainer takes over.

Belongs here: where the model goes, and options that do not go together. The options are ``cli.py``;
the work and what it prints is ``autolut_training``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from napari_autolut.storage.catalogue import list_models, user_models_folder
from napari_autolut.storage.model_file import SUFFIX
from napari_autolut.util.optional import training_api


def train_model(
    folder: Path,
    out: str,
    *,
    lr: Path | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    changes: Mapping[str, object],
    **options: object,
) -> None:
    """Train, and report; ``options`` are those of ``train_from_command_line``.

    Raises
    ------
    ValueError
        if options do not go together, or the model cannot have that name
    """
    if minutes is not None and steps is not None:
        raise ValueError(f"found --minutes {minutes:g} and --steps {steps}, expected one of them")
    if lr is not None and changes["method"] is not None:
        raise ValueError(
            f"found --lr {lr} and --degradation {changes['method']}, expected one of them: small "
            "images are either given or made"
        )
    api = training_api()
    api.train_from_command_line(
        folder, out=model_path(out), lr=lr, minutes=minutes, steps=steps, changes=changes, **options
    )


def model_path(out: str) -> Path:
    """Where a model goes: a name is one of the user's own models, anything else a path.

    Raises
    ------
    ValueError
        if a shipped model has that name, which would always come first
    """
    path = Path(out)
    if path.suffix or path.name != out or not out:
        return path
    if out in {entry.name for entry in list_models() if entry.origin == "shipped"}:
        raise ValueError(
            f"found --out {out}, the name of a shipped model; choose another name, or give a file "
            f"such as {out}{SUFFIX}"
        )
    folder = user_models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{out}{SUFFIX}"
