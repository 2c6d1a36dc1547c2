"""The Compare dock and its window of linked views.

Lives here: canvas, modes, magnifier, table, export. Not here: what is computed (``comparison``).
napari imports ``dock`` by name, and nothing else of it is used outside.
"""
