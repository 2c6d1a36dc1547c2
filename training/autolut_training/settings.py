"""What a training run is asked to do: one frozen dataclass, from the shell or a recipe."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from autolut_training.data.degradation import Degradation
from autolut_training.models.architecture import GRAPHS, RESIDUALS, SHAPES, Architecture

ROUTES = ("direct", "network", "taught")
PRECISIONS = ("float32", "bfloat16")


class SettingsError(ValueError):
    """Settings that cannot be trained with: which one, what it is and what it may be."""


@dataclass(frozen=True)
class Settings:
    """A recipe. Learning rates are per step of Adam, of table values in 0..255 units.

    Parameters
    ----------
    scale : r, 1 to 4
    channels, branches, window, skip, graph, shape, residual : see :class:`Architecture`
    route : ``"direct"`` trains tables, ``"network"`` the papers' networks that become tables,
        ``"taught"`` a convolutional network first and then tables that learn from its answers
    tables_from : part of a run after which tables are trained: those that the papers' networks
        became, read off on the grid, or those that are taught
    start : a model's name or file to train on, instead of a new one of the architecture; of another
        scale, its blocks are resized. ``{scale}`` in it stands for the scale, and for 2 at scale 1.
        Rates are smaller with few images, see :func:`autolut_training.models.build.share_of_rates`
    teachers, taught : names or files of models whose mean answer has the share ``taught`` in what
        is learned from, the rest being the images; see ``teachers.py``. On the route ``"taught"``
        it is the network's answer
    further : whole numbers below the scale; the network is also asked about HR images that are made
        smaller by these factors
    steps : optimisation steps; the schedule runs over them
    minutes : instead of ``steps``, the schedule runs over this time
    grids : ((part of the run, grid size L), ...), from coarse to fine, the first at 0
    batch, crop : crops in a step, and their LR side in pixels (a multiple of 16)
    table_rate, window_rate, residual_rate, filter_rate : learning rates of the kinds of parameters;
        the last is that of filters, which have neither windows nor residuals
    network_rate, features : learning rate and width of the networks
    blocks : residual blocks of the network that teaches, two layers each
    hold : part of the run before the cosine decay begins
    averaged : part of the mean of parameters, which is what is stored, that a step leaves; 0 stores
        the last step's parameters
    patience : the run ends early after so many validations (one a minute) in a row that are worse
        than the best, see :class:`autolut_training.loop.schedule.Schedule`; 0 for never
    shrunk : training images are also used shrunk to these parts of their size
    phases : along each axis, as many places (r at most) where LR pixels of training images begin;
        each of them counts as an image as those that are shrunk. LR images that are given have one
    varied : part of the crops whose intensities are scaled, shifted and inverted; tables alone
        need that, not a network that teaches
    smooth : weight of the tables' squared second differences in the loss
    method, sigma, noise, photons, jpeg : the degradation, see :class:`Degradation`
    seed : of initial noise and crops
    device : ``"cpu"``, ``"cuda"`` or ``"cuda:N"``
    precision : ``"float32"``, or ``"bfloat16"`` for the inner layers of the papers' networks and
        all layers of the one that teaches
    """

    scale: int = 4
    channels: tuple[int, ...] = (4, 1)
    branches: int | tuple[int, ...] = 3
    window: int = 5
    skip: bool = True
    graph: str = "cascade"
    shape: str = "rotated"
    residual: str = "before"
    route: str = "direct"
    tables_from: float = 1.0
    start: str = ""
    teachers: tuple[str, ...] = ()
    taught: float = 0.0
    further: tuple[int, ...] = ()
    steps: int | None = None
    minutes: float | None = 10.0
    grids: tuple[tuple[float, int], ...] = ((0.0, 5), (0.2, 9))
    batch: int = 16
    crop: int = 32
    table_rate: float = 2.0
    window_rate: float = 0.1
    residual_rate: float = 0.005
    filter_rate: float = 0.03
    network_rate: float = 1e-3
    features: int = 64
    blocks: int = 8
    hold: float = 0.0
    averaged: float = 0.0
    patience: int = 0
    shrunk: tuple[float, ...] = (0.75, 0.5)
    phases: int = 1
    varied: float = 0.5
    smooth: float = 0.0
    method: str = "bicubic"
    sigma: float = 0.0
    noise: float = 0.0
    photons: float = 0.0
    jpeg: int = 0
    seed: int = 0
    device: str = "cpu"
    precision: str = "float32"

    def __post_init__(self) -> None:
        rules: tuple[tuple[str, object, bool, str], ...] = (
            ("scale", self.scale, self.scale in (1, 2, 3, 4), "1, 2, 3 or 4"),
            ("crop", self.crop, self.crop >= 16 and self.crop % 16 == 0, "a multiple of 16"),
            ("batch", self.batch, self.batch >= 1, "at least 1"),
            ("steps", self.steps, self.steps is None or self.steps >= 1, "at least 1"),
            ("minutes", self.minutes, self.minutes is None or self.minutes > 0, "more than 0"),
            ("grids", self.grids, bool(self.grids) and self.grids[0][0] == 0, "a first one at 0"),
            ("hold", self.hold, 0 <= self.hold < 1, "0 to 1"),
            ("averaged", self.averaged, 0 <= self.averaged < 1, "0 to less than 1"),
            ("patience", self.patience, self.patience >= 0, "at least 0"),
            ("varied", self.varied, 0 <= self.varied <= 1, "0 to 1"),
            ("shrunk", self.shrunk, all(0.1 <= s < 1 for s in self.shrunk), "parts from 0.1 to 1"),
            ("phases", self.phases, self.phases in (1, 2, 3, 4), "1, 2, 3 or 4"),
            ("filter_rate", self.filter_rate, self.filter_rate > 0, "more than 0"),
            ("smooth", self.smooth, self.smooth >= 0, "at least 0"),
            ("window", self.window, 3 <= self.window <= 7, "3 to 7"),
            ("graph", self.graph, self.graph in GRAPHS, " or ".join(GRAPHS)),
            ("shape", self.shape, self.shape in SHAPES, " or ".join(SHAPES)),
            ("shape", self.shape, self.shape == "rotated" or self.route != "network",
             "rotated where networks become tables"),
            ("residual", self.residual, self.residual in RESIDUALS, " or ".join(RESIDUALS)),
            ("branches", self.branches, isinstance(self.branches, int) or
             (self.graph == "cascade" and len(self.branches) == len(self.channels)),
             "one number, or one for each of channels"),
            ("route", self.route, self.route in ROUTES, " or ".join(ROUTES)),
            ("start", self.start, not self.start or self.route != "network",
             "no model file where networks become tables"),
            ("taught", self.taught, 0 <= self.taught <= 1, "0 to 1"),
            ("taught", self.taught, bool(self.taught) == self.has_teacher,
             "more than 0 where there are teachers, and only there"),
            ("teachers", self.teachers, not self.teachers or self.route != "taught",
             "none where a network teaches"),
            ("further", self.further, all(1 < each < self.scale for each in self.further),
             "whole numbers from 2, smaller than the scale"),
            ("further", self.further, not self.further or
             (self.route == "taught" and self.method != "given"),
             "none where no network teaches, or LR images are given"),
            ("tables_from", self.tables_from, 0 < self.tables_from <= 1, "more than 0, at most 1"),
            ("tables_from", self.tables_from, self.tables_from == 1 or self.route != "direct",
             "1 on the direct route"),
            ("tables_from", self.tables_from, self.tables_from < 1 or self.route != "taught",
             "less than 1 where a network teaches"),
            ("features", self.features, self.features >= 1, "at least 1"),
            ("blocks", self.blocks, self.blocks >= 1, "at least 1"),
            ("device", self.device, self.device.split(":")[0] in ("cpu", "cuda"), "cpu or cuda"),
            ("precision", self.precision, self.precision in PRECISIONS, " or ".join(PRECISIONS)),
        )  # fmt: skip
        for name, found, valid, expected in rules:
            if not valid:
                raise SettingsError(f"{name}: found {found}, expected {expected}")
        if self.steps is None and self.minutes is None:
            raise SettingsError("length: found neither steps nor minutes, expected one of them")
        try:
            self.degradation  # noqa: B018
        except ValueError as error:
            raise SettingsError(str(error)) from error
        if self.has_teacher and self.degradation.is_noisy:
            raise SettingsError("teachers: found a noisy degradation, expected one without")
        if self.scale == 1 and self.degradation == Degradation():
            raise SettingsError("scale: found 1 without noise, JPEG or blur, expected one to undo")

    @property
    def start_model(self) -> str:
        """Name or file of the model to train on; empty for a new one."""
        return self.start.replace("{scale}", str(max(2, self.scale)))

    @property
    def has_teacher(self) -> bool:
        """Whether targets are made by finished tables, or by a network."""
        return bool(self.teachers) or self.route == "taught"

    @property
    def architecture(self) -> Architecture:
        """What is trained."""
        return Architecture(
            self.scale,
            self.channels,
            self.branches,
            self.window,
            self.skip,
            self.graph,
            self.shape,
            self.residual,
        )

    @property
    def degradation(self) -> Degradation:
        """How LR is made."""
        return Degradation(self.method, self.sigma, self.noise, self.photons, self.jpeg)

    def grid_size_at(self, progress: float) -> int:
        """L at a part of the run, 0 to 1."""
        return max(size for start, size in self.grids if progress >= start)

    @property
    def identity(self) -> str:
        """Fingerprint of what a resumed run must share with the interrupted one.

        The length may change, and the device: a run can be resumed with more minutes, or elsewhere.
        What is left at its default does not count, so that a new setting stops no run.
        """
        free = {"steps", "minutes", "patience", "device"}
        same = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.name not in free and getattr(self, f.name) != f.default
        }
        return hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()[:16]


def recipe_names() -> list[str]:
    """Names of the recipes that come with the package."""
    folder = files("autolut_training").joinpath("recipes")
    return sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name[-5:] == ".toml")


def read_recipe(name: str) -> tuple[Settings, dict[str, Any]]:
    """Settings and card texts of a recipe, by name or from a TOML file.

    Raises
    ------
    SettingsError
        if there is no such recipe, it is not TOML, or holds an unknown or invalid setting
    """
    path = Path(name)
    packaged = files("autolut_training").joinpath("recipes", f"{name}.toml")
    if not path.is_file() and not packaged.is_file():
        raise SettingsError(
            f"recipe: found no {name!r}, expected a TOML file or one of {', '.join(recipe_names())}"
        )
    text = path.read_text("utf-8") if path.is_file() else packaged.read_text("utf-8")
    try:
        content = tomllib.loads(text)
        return _settings(content["train"]), dict(content.get("card", {}))
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SettingsError(f"recipe {name}: found {error}, expected [train] settings") from error


def _settings(values: Mapping[str, Any]) -> Settings:
    as_tuples: dict[str, Any] = dict(values)
    for name in {"channels", "shrunk", "branches", "teachers", "further"} & values.keys():
        if isinstance(values[name], list):
            as_tuples[name] = tuple(values[name])
    if "grids" in values:
        as_tuples["grids"] = tuple((float(start), int(size)) for start, size in values["grids"])
    if "steps" in values:
        as_tuples.setdefault("minutes", None)
    return Settings(**as_tuples)
