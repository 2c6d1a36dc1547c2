"""The Upscale dock: options, preview lens, and running again.

Lives here: wiring of that dock. Not here: plans and results of layers (``layers``).
napari imports ``dock`` and ``again`` by name, and nothing else of it is used outside.
"""
