"""Docks of the plugin, one package each, and ``shared`` and ``models``, which they have in common.

Lives here: wiring between forms, layers and workers. Not here: arithmetic, files, processes.
Importing it loads no dock: napari names the one that it opens, in ``napari.yaml``.
"""
