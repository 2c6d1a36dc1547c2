"""Recipes as files: settings by their bare names become the tables of a TOML file."""

import json

from autolut_training.settings.settings import GROUP_OF, GROUPS

TINY = {
    "scale": 2, "channels": (1,), "branches": 1, "window": 3, "skip": False, "steps": 4,
    "grids": ((0.0, 3),), "batch": 1, "crop": 16,
}  # fmt: skip
"""A training of one look-up that is over at once."""


def recipe_text(route="direct", card="", **settings):
    """A recipe; settings that are None stay at their default."""
    lines = [f"route = {json.dumps(route)}"]
    for group in GROUPS:
        lines.append(f"[{group}]")
        lines += [
            f"{name} = {json.dumps(value)}"
            for name, value in settings.items()
            if GROUP_OF[name] == group and value is not None
        ]
    return "\n".join([*lines, card])
