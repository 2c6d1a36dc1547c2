"""Engines: what runs a model on planes (the specification, the fast one, tiles, intensities)."""
