"""What a training run is asked to do, and recipes of it.

Lives here: settings in groups, their rules, TOML. Not here: what is trained on which images and
where to, which is the request of ``napari_autolut.training``.
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
