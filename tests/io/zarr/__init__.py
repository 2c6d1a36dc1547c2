"""OME-Zarr, which takes packages that not everybody has."""
