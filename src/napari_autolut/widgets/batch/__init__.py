"""The dock that upscales a folder.

Lives here: its form and table. Not here: the work on files (``batch``).
napari imports ``dock`` by name, and nothing else of it is used outside.
"""
