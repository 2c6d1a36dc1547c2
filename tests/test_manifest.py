"""What napari finds of the plugin: menus, samples, the command palette."""

import numpy as np
import pytest
from npe2 import PluginManager, PluginManifest
from npe2.manifest._validators import display_name

from napari_autolut.widgets.upscale.dock import UpscaleWidget

PLUGIN = "napari-autolut"


@pytest.fixture(scope="module")
def manifest():
    return PluginManifest.from_distribution(PLUGIN)


def test_the_manifest_is_valid_and_everything_it_names_can_be_imported(manifest):
    manifest.validate_imports()
    assert display_name(manifest.display_name) == manifest.display_name
    assert manifest.package_version


@pytest.mark.parametrize(
    ("menu", "name"),
    [
        ("napari/layers/filter", "Upscale"),
        ("napari/layers/filter", "Denoise"),
        ("napari/layers/filter", "Make isotropic"),
        ("napari/layers/filter", "Train"),
        ("napari/layers/visualize", "Compare"),
    ],
)
def test_docks_are_in_the_layers_menus(manifest, menu, name):
    (widget,) = [each for each in manifest.contributions.widgets if each.display_name == name]
    assert widget.command in [item.command for item in manifest.contributions.menus[menu]]


def test_the_menu_entry_opens_the_dock_for_the_viewer(make_napari_viewer, mock_app_model):
    viewer = make_napari_viewer()
    picture = viewer.add_image(np.zeros((4, 4)))
    entries = mock_app_model.menus.get_menu("napari/layers/filter")
    (command,) = [entry.command.id for entry in entries if "Upscale (" in entry.command.title]
    mock_app_model.commands.execute_command(command)
    (dock,) = viewer.window.dock_widgets.values()
    assert isinstance(dock, UpscaleWidget)
    assert dock.layers.layer is picture


SAMPLES = {
    "cell": ["cell"],
    "tissue": ["tissue"],
    "astronaut": ["astronaut"],
    "fluorescence": ["filaments", "nuclei"],
    "fluorescence_noisy": ["filaments (noisy)", "nuclei (noisy)"],
    "fluorescence_anisotropic": ["filaments (anisotropic)"],
}


def test_samples_open_in_the_viewer(make_napari_viewer):
    viewer = make_napari_viewer()
    for sample, names in SAMPLES.items():
        layers = viewer.open_sample(PLUGIN, sample)
        assert [layer.name for layer in layers] == names
        assert all(layer in viewer.layers for layer in layers)
        viewer.layers.clear()


def test_every_sample_is_offered(manifest):
    manager = PluginManager.instance()
    manager.discover()
    offered = dict(manager.iter_sample_data())[PLUGIN]
    assert {sample.key for sample in offered} == set(SAMPLES)
