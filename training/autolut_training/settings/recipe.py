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
        raise SettingsError(
            f"recipe: found no {name!r}, expected a TOML file or one of {', '.join(recipe_names())}"
        )
    try:
        text = path.read_text("utf-8") if path.is_file() else packaged.read_text("utf-8")
        content = tomllib.loads(text)
        return settings_from(content), dict(content.get("card", {}))
    except UnicodeDecodeError as error:
        raise SettingsError(f"recipe {name}: found no text, expected a TOML file") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise SettingsError(f"recipe {name}: {error}") from error


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
            raise SettingsError(f"{table}: found no such table, expected {expected}")
        elif not isinstance(settings, Mapping):
            raise SettingsError(f"{table}: found {settings!r}, expected a table of settings")
        else:
            for name, value in settings.items():
                if GROUP_OF.get(name) != table:
                    raise SettingsError(f"{table}.{name}: found no such setting")
                values[name] = value
    if "steps" in values:
        values.setdefault("minutes", None)
    return Settings.of(**frozen(values))


def frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings with TOML's lists as tuples."""
    return {name: _as_tuple(value) for name, value in values.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(each) for each in value) if isinstance(value, list) else value
