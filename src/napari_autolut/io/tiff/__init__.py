"""TIFF in its plain, ImageJ and OME dialects.

Lives here: reading, writing, metadata, pixels that stay on disk and files written tile by tile. Not
here: the choice of a format by suffix (``io.files``).
"""
