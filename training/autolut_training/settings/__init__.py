"""What a training run is asked to do, and recipes of it.

Lives here: settings in groups, their rules, TOML, and architectures as data; no torch. Not here:
which images are trained on and where to, the request of ``napari_autolut.training``.
"""

from autolut_training.settings.from_request import check_output, settings_of
from autolut_training.settings.recipe import frozen, read_recipe, recipe_names, settings_from
from autolut_training.settings.settings import GROUPS, ROUTES, Settings, SettingsError

__all__ = [
    "GROUPS",
    "ROUTES",
    "Settings",
    "SettingsError",
    "check_output",
    "frozen",
    "read_recipe",
    "recipe_names",
    "settings_from",
    "settings_of",
]
