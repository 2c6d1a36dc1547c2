"""TIFF in its plain, ImageJ and OME dialects.

Lives here: reading, writing, metadata, files that are mapped or written tile by tile. Not here: the
choice of a format by suffix (``io.files``).
"""
