"""Numpy and dask arrays: axes, dtypes, value ranges and blocks, from an image to planes and back.

Lives here: everything between a user's array and the planes that the engine computes. Not here:
look-ups (``engine``), napari layers (``layers``) and files (``io``, ``batch``).
"""
