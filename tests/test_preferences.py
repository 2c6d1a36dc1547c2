"""The preferences: what docks begin with, and what the engine takes of the machine."""

import unicodedata

import pytest
from npe2 import PluginManifest

from napari_autolut import preferences as module
from napari_autolut.arrays import AUTO
from napari_autolut.engine.threads import Limits, limits, set_limits, thread_count
from napari_autolut.preferences import Preferences, limit_engines, preferences
from napari_autolut.storage import list_models
from napari_autolut.util.boxes import TILE_SIZE
from napari_autolut.widgets.shared.value_range import CHOICES

settings = pytest.importorskip("napari.settings")
has_pages = pytest.mark.skipif(
    not hasattr(settings, "get_plugin_settings"), reason="napari before 0.9 has no such pages"
)


@pytest.fixture
def page(plugin_settings, npe2pm, monkeypatch):
    """The page of the plugin, in a folder of this test."""
    monkeypatch.delenv("NAPARI_AUTOLUT_THREADS", raising=False)
    if "napari-autolut" not in npe2pm:
        npe2pm.register(PluginManifest.from_distribution("napari-autolut"))
    before = limits()
    yield settings.get_plugin_settings("napari-autolut").docks
    set_limits(before)


@has_pages
def test_the_page_begins_with_the_defaults(page):
    assert preferences() == Preferences()
    assert (page.model, page.tile_size) == (AUTO, TILE_SIZE)


@has_pages
def test_plugins_that_napari_has_found_are_not_looked_for_again(page, npe2pm, monkeypatch):
    asked = []
    monkeypatch.setattr(type(npe2pm), "discover", lambda *_, **__: asked.append(1))
    settings._clear_plugin_settings_cache()
    assert preferences() == Preferences()
    assert not asked
    npe2pm.discover()
    assert asked, "whoever asks npe2 itself is answered"


@has_pages
def test_every_choice_of_a_range_is_one_of_the_docks(page):
    field = type(page).model_fields["value_range"]
    labels = field.json_schema_extra["enum"]
    assert list(module.RANGES) == labels
    assert [(label, key) for label, key, _ in CHOICES][: len(labels)] == [*module.RANGES.items()]


@has_pages
def test_what_is_changed_holds(page):
    page.own_model, page.value_range, page.threads, page.tile_size = " mine ", "Data type", 3, 128
    assert preferences() == Preferences("mine", "dtype", 3, 128)
    limit_engines()
    assert limits() == Limits(3, 128)
    assert thread_count() == 3


@has_pages
def test_a_name_is_spelled_as_the_catalogue_spells_it(page):
    """Copied from a window of macOS, it has its marks apart."""
    page.own_model = unicodedata.normalize("NFD", "Küste-x2")
    assert preferences().model == unicodedata.normalize("NFC", "Küste-x2")


@has_pages
def test_the_environment_overrules_the_page(page, monkeypatch):
    page.threads = 3
    monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", "2")
    limit_engines()
    assert thread_count() == 2


@has_pages
def test_impossible_values_are_refused_and_no_name_means_the_default(page):
    wrong_name = ("model", "natural-x44")
    for name, wrong in (wrong_name, ("threads", -1), ("tile_size", 8), ("value_range", "all")):
        with pytest.raises(ValueError, match=name):
            setattr(page, name, wrong)
    page.own_model = "  "
    assert preferences().model == AUTO


@has_pages
@pytest.mark.parametrize(
    "content", ["docks", "- docks", "1: 2", "{docks: [1]}", "docks: {model: 3}"]
)
def test_with_a_damaged_file_the_defaults_hold(page, content):
    path = settings.get_plugin_settings("napari-autolut").config_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    settings._clear_plugin_settings_cache()
    assert preferences() == Preferences()


@has_pages
def test_every_shipped_model_can_be_the_default(page):
    choices = type(page).model_fields["model"].json_schema_extra["enum"]
    shipped = [entry.name for entry in list_models() if entry.origin == "shipped"]
    assert choices == [AUTO, *sorted(shipped)]


def test_without_pages_the_defaults_hold(monkeypatch):
    monkeypatch.delattr(settings, "get_plugin_settings", raising=False)
    assert preferences() == Preferences()
