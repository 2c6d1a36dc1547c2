"""Files of microscopes that others read: bioio, pydicom, mrcfile, readers of napari plugins.

Lives here: which kinds those are, what to install for them, and from what others give to ours. Not
here: formats that this package reads itself.
"""

from napari_autolut.io.foreign.kinds import FOREIGN_SUFFIXES

__all__ = ["FOREIGN_SUFFIXES"]
