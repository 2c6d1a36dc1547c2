"""Files of microscopes that others read: bioio, pydicom, mrcfile, readers of napari plugins.

Lives here: from what others give to ours. Not here: which kinds those are and what to install for
them (``io.foreign_kinds``), and formats that this package reads itself.
"""
