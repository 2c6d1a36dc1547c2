"""Recipes: settings and the texts of a card, in a TOML file with a table for each group.

Belongs here: from a file to :class:`Settings`. The recipes themselves are in ``recipes/``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from autolut_training.settings.settings import GROUP_OF, GROUPS, Settings, SettingsError
from napari_autolut.training.values import check_value, read_toml
from napari_autolut.util.spelling import did_you_mean
from napari_autolut.util.text import shortened

CARD_TEXTS = ("task", "description", "licence", "training_data", "source")
"""What a recipe may say of the model."""


def recipe_names() -> list[str]:
    """Names of the recipes that come with the package."""
    folder = files("autolut_training").joinpath("recipes")
    return sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name[-5:] == ".toml")


def read_recipe(name: str) -> tuple[Settings, dict[str, Any]]:
    """Settings and card texts of a recipe, by name or from a TOML file.

    Raises
    ------
    SettingsError
        If there is no such recipe, it is not TOML, or holds an unknown or invalid setting.
    """
    path = Path(name)
    packaged = files("autolut_training").joinpath("recipes", f"{name}.toml")
    if not path.is_file() and not packaged.is_file():
        known = recipe_names()
        hint = did_you_mean(name, known)
        expected = f"{'E' if hint else 'e'}xpected a TOML file or one of {', '.join(known)}"
        raise SettingsError(f"recipe: found no {name!r}, {hint}{expected}")
    try:
        content = read_toml(path) if path.is_file() else tomllib.loads(packaged.read_text("utf-8"))
        return settings_from(content), _card_texts(content.get("card", {}))
    except ValueError as error:
        raise SettingsError(f"recipe {name}: {error}") from error


def _card_texts(found: Any) -> dict[str, Any]:
    """Texts of a recipe's table ``card``, by the fields of a :class:`Card`."""
    check_value("card", found, "Mapping[str, Any]", SettingsError)
    for name, value in found.items():
        if name not in CARD_TEXTS:
            raise SettingsError(
                f"card.{shortened(name)}: found no such text, expected {', '.join(CARD_TEXTS)}"
            )
        check_value(f"card.{name}", value, "str", SettingsError)
    return dict(found)


def settings_from(content: Mapping[str, Any]) -> Settings:
    """Settings from the tables of a TOML file.

    Raises
    ------
    SettingsError
        If a table or a setting is not known, stands in another table, or is not possible.
    """
    values: dict[str, Any] = {}
    for table, settings in content.items():
        if table == "card":
            continue
        if table == "route":
            values["route"] = settings
        elif table not in GROUPS:
            expected = ", ".join(["route", *GROUPS, "card"])
            raise SettingsError(f"{shortened(table)}: found no such table, expected {expected}")
        elif not isinstance(settings, Mapping):
            raise SettingsError(
                f"{table}: found {shortened(repr(settings))}, expected a table of settings"
            )
        else:
            for name, value in settings.items():
                if GROUP_OF.get(name) != table:
                    raise SettingsError(f"{table}.{shortened(name)}: found no such setting")
                values[name] = value
    if "steps" in values:
        values.setdefault("minutes", None)
    return Settings.of(**frozen(values))


def frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings with TOML's lists as tuples."""
    return {name: _as_tuple(value) for name, value in values.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(each) for each in value) if isinstance(value, list) else value
