"""All settings of a run: what the groups must hold together, and changing them by name.

Belongs here: the frozen type. Reading it from TOML is ``recipe.py``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from autolut_training.settings.groups import (
    DataSettings,
    DistillationSettings,
    ModelSettings,
    OptimiserSettings,
    Rule,
)
from napari_autolut.model import MAX_GRID_SIZES
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.values import check_value
from napari_autolut.util.text import shortened

ROUTES = ("direct", "network", "distilled")


class SettingsError(ValueError):
    """Settings that cannot be trained with: which one, what it is and what it may be."""


@dataclass(frozen=True)
class Settings:
    """All settings of a run.

    Parameters
    ----------
    route : str
        ``"direct"`` trains tables; ``"network"`` the papers' networks, which become tables;
        ``"distilled"`` a convolutional network first, and then tables that learn from its answers.
    data : DataSettings, optional
        Images, crops, augmentation and degradation.
    model : ModelSettings, optional
        What is trained.
    optimiser : OptimiserSettings, optional
        How long, and with which learning rates.
    distillation : DistillationSettings, optional
        The network that gives pseudo-labels.

    Raises
    ------
    SettingsError
        If a setting is not possible, or settings do not go together.
    """

    route: str = "direct"
    data: DataSettings = field(default_factory=DataSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    distillation: DistillationSettings = field(default_factory=DistillationSettings)

    def __post_init__(self) -> None:
        for group, kind in GROUPS.items():
            for each in fields(kind):
                value = getattr(getattr(self, group), each.name)
                check_value(f"{group}.{each.name}", value, str(each.type), SettingsError)
            for name, found, valid, expected in getattr(self, group).rules():
                _require(f"{group}.{name}", found, valid, expected)
        for rule in self._rules():
            _require(*rule)
        try:
            self.degradation  # noqa: B018
        except ValueError as error:
            raise SettingsError(f"data: {error}") from error
        if self.distilled and self.degradation.is_noisy:
            raise SettingsError("data: found a noisy degradation, expected one without to distil")
        if self.scale == 1 and self.degradation.keeps_scale_1:
            raise SettingsError(
                "model.scale: found 1 without noise, JPEG or blur, expected one to undo"
            )

    def _rules(self) -> Iterator[Rule]:
        """What groups must hold together."""
        data, model, later = self.data, self.model, self.distillation
        start, extra = later.distill_start, later.extra_downscales
        max_size = MAX_GRID_SIZES[5 if model.shape == "filter" else 4]
        fine = all(size <= max_size for _, size in self.optimiser.grids)
        sizes = f"sizes of at most {max_size} for {model.shape} branches"
        yield "optimiser.grids", self.optimiser.grids, fine, sizes
        yield "route", self.route, self.route in ROUTES, " or ".join(ROUTES)
        networks = self.route == "network"
        rotated = "rotated where networks become tables"
        yield "model.shape", model.shape, model.shape == "rotated" or not networks, rotated
        no_model = "no model file where networks become tables"
        yield "model.init_from", model.init_from, not (model.init_from and networks), no_model
        direct = "1 on the direct route"
        yield "distillation.distill_start", start, start == 1 or self.route != "direct", direct
        less = "less than 1 on the distilled route"
        yield "distillation.distill_start", start, start < 1 or not self.distilled, less
        weight = "more than 0 on the distilled route, and only there"
        found = later.label_weight
        yield "distillation.label_weight", found, bool(found) == self.distilled, weight
        fits = self.scale == 1 and self.route == "direct"
        counts = "false but at scale 1, on the direct route"
        yield "data.stabilised", data.stabilised, fits or not data.stabilised, counts
        alone = self.scale == 1 and data.method == "given" and self.route == "direct"
        noisy = "0 but at scale 1 with the method given, on the direct route"
        yield "data.noise_sigma", data.noise_sigma, alone or not data.noise_sigma, noisy
        small = all(1 < each < self.scale for each in extra) and len({*extra}) == len(extra)
        factors = "different whole numbers from 2, smaller than the scale"
        yield "distillation.extra_downscales", extra, small, factors
        made = self.distilled and data.method != "given"
        none = "none but on the distilled route, with LR images that are made"
        yield "distillation.extra_downscales", extra, made or not extra, none

    @property
    def scale(self) -> int:
        """Upscaling factor r."""
        return self.model.scale

    @property
    def distilled(self) -> bool:
        """Whether a network's answers are learned from."""
        return self.route == "distilled"

    @property
    def made_on_device(self) -> bool:
        """Whether a card makes LR crops itself, of HR crops at any place of the LR grid."""
        data = self.data
        elsewhere = data.jpeg or data.stabilised or self.distillation.extra_downscales
        return data.method != "given" and not elsewhere and self.optimiser.device != "cpu"

    @property
    def degradation(self) -> Degradation:
        """How LR is made."""
        return self.data.degradation

    @classmethod
    def of(cls, **values: Any) -> Settings:
        """Settings by their bare names, which are unique; the others are the defaults.

        Raises
        ------
        SettingsError
            If there is no such setting, or it is not possible.
        """
        return cls().changed(**values)

    def changed(self, **values: Any) -> Settings:
        """The same settings but for some, given by their bare names.

        Raises
        ------
        SettingsError
            If there is no such setting, or it is not possible.
        """
        by_group: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            if name != "route" and name not in GROUP_OF:
                raise SettingsError(
                    f"{shortened(name)}: found no such setting; known are {_names()}"
                )
            if name != "route":
                by_group.setdefault(GROUP_OF[name], {})[name] = value
        groups = {
            group: replace(getattr(self, group), **changes) for group, changes in by_group.items()
        }
        return replace(self, route=values.get("route", self.route), **groups)

    @property
    def fixed(self) -> dict[str, Any]:
        """What a resumed run must share with the interrupted one, by name.

        The length may change, and the device: a run can be resumed with more minutes, or elsewhere.
        What is left at its default does not count, so that a new setting stops no run.
        """
        free = {"steps", "minutes", "patience", "device"}
        same: dict[str, Any] = {"route": self.route}
        for group, default in ((getattr(self, name), kind()) for name, kind in GROUPS.items()):
            usual = asdict(default)
            same |= {
                name: value
                for name, value in asdict(group).items()
                if name not in free and value != usual[name]
            }
        return same

    @property
    def identity(self) -> str:
        """Fingerprint of what is fixed."""
        return hashlib.sha256(json.dumps(self.fixed, sort_keys=True).encode()).hexdigest()[:16]


GROUPS: Mapping[str, type[Any]] = {
    "data": DataSettings,
    "model": ModelSettings,
    "optimiser": OptimiserSettings,
    "distillation": DistillationSettings,
}
GROUP_OF = {each.name: group for group, kind in GROUPS.items() for each in fields(kind)}
"""The group of each setting."""

DEFAULTS = {name: getattr(GROUPS[group](), name) for name, group in GROUP_OF.items()}


def _names() -> str:
    return ", ".join(sorted(["route", *GROUP_OF]))


def _require(name: str, found: object, valid: bool, expected: str) -> None:
    if not valid:
        raise SettingsError(f"{name}: found {shortened(str(found))}, expected {expected}")
