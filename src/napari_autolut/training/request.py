"""What is asked of a training: one request, written by the dock and by the shell.

Belongs here: its fields, and a TOML file of them, which ``python -m autolut_training`` reads. Not
here: what a recipe and its settings mean, which is the trainer's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from napari_autolut.storage import SUFFIX
from napari_autolut.training.values import check_value, read_toml
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.text import counted, shortened

REQUIRED = ("images", "out")
"""Fields that have no default."""


class TrainRequestError(ValueError):
    """A request that cannot be read: which file and field, what was found and what is expected."""


@dataclass(frozen=True)
class TrainRequest:
    """A training as it is asked for; what is None is as the recipe has it.

    Parameters
    ----------
    images : Path
        Folder of HR images.
    out : Path
        Model file to write; its stem is the model's name.
    lr : Path, optional
        Folder of LR images; they are made of the HR images where there is none.
    recipe : str, optional
        Name of a preset or a recipe, or a TOML file.
    scale : int, optional
        Upscaling factor; of ``lr``, where there is such a folder.
    minutes, steps : float and int, optional
        Length of the training, in one of both.
    seed : int, optional
        Of initial noise and crops.
    device : str, optional
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.
    noisy : bool, default False
        The images are noisy and there are no others: a denoiser learns from them alone.
    degradation : mapping
        Fields of a `Degradation` that replace the recipe's.
    settings : mapping
        Other settings that replace the recipe's, by their names.
    training_data : str, optional
        What the model's card says of the images; by default what the recipe says, or the folder's
        name.
    resume : bool, default False
        Continue from the checkpoint beside ``out``.
    overwrite : bool, default False
        Replace ``out``.

    Raises
    ------
    TrainRequestError
        If fields do not go together.
    """

    images: Path
    out: Path
    lr: Path | None = None
    recipe: str | None = None
    scale: int | None = None
    minutes: float | None = None
    steps: int | None = None
    seed: int | None = None
    device: str | None = None
    resume: bool = False
    overwrite: bool = False
    noisy: bool = False
    degradation: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    training_data: str | None = None

    def __post_init__(self) -> None:
        if self.minutes is not None and self.steps is not None:
            raise TrainRequestError(
                f"found {counted(f'{self.minutes:g}', 'minute')} and "
                f"{counted(self.steps, 'step')}, expected one of them"
            )
        if self.noisy and (self.lr is not None or self.degradation):
            raise TrainRequestError(
                "found noisy images alone, and LR images or a degradation, expected one of them: "
                "where there are clean images, train without --noisy"
            )
        if self.noisy and self.scale not in (None, 1):
            raise TrainRequestError(
                f"found noisy images alone and the scale {self.scale}, expected no scale: what "
                "learns from them takes noise away, and enlarges nothing"
            )
        if self.lr is not None and (method := self.degradation.get("method")) is not None:
            raise TrainRequestError(
                f"found LR images in {self.lr} and the degradation {method}, expected one of them: "
                "LR images are either given or made"
            )

    @property
    def name(self) -> str:
        """Name of the model: that of its file."""
        return self.out.name.removesuffix(SUFFIX)

    def write(self, path: Path) -> None:
        """Write a TOML file, over one that is there; paths become absolute.

        Raises
        ------
        TrainRequestError
            If a name in it is no Unicode, as TOML is.
        """
        values = {
            name: str(value.absolute()) if isinstance(value, Path) else value
            for name, value in asdict(self).items()
            if value is not None
        }
        tables = {name: value for name, value in values.items() if isinstance(value, Mapping)}
        lines = [f"{n} = {_toml(value)}" for n, value in values.items() if n not in tables]
        for name, table in tables.items():
            lines += [f"\n[{name}]", *(f"{key} = {_toml(each)}" for key, each in table.items())]
        with atomic_write(path, overwrite=True) as temporary:
            temporary.write_text("\n".join(lines) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> TrainRequest:
        """Read a TOML file; paths in it are relative to its folder.

        Raises
        ------
        TrainRequestError
            If it is no request.
        OSError
            If it cannot be read.
        """
        try:
            values = read_toml(path)
            known = {each.name: str(each.type) for each in fields(cls)}
            for name in REQUIRED:
                if name not in values:
                    raise TrainRequestError(f"{name}: found nothing, expected a path")
            for name, value in values.items():
                if name not in known:
                    raise TrainRequestError(
                        f"{shortened(name)}: found no such field, expected {', '.join(known)}"
                    )
                check_value(name, value, known[name], TrainRequestError)
                if known[name].startswith("Path"):
                    values[name] = path.absolute().parent / value
            return cls(**values)
        except ValueError as error:
            raise TrainRequestError(f"{path}: {error}") from error


def _toml(value: Any) -> str:
    """A value as TOML writes it: as JSON does, but for characters that JSON would write as two.

    Raises
    ------
    TrainRequestError
        If it is a name that no character set could read; TOML is Unicode.
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise TrainRequestError(f"found the name {value!r}, expected Unicode; rename it")
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value) if isinstance(value, float) else json.dumps(value)
