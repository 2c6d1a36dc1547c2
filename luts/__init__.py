"""The shipped tables: data only, read with ``importlib.resources.files("napari_autolut.luts")``."""
