"""TIFF in its plain, ImageJ and OME dialects.

Lives here: reading, writing, metadata, memory-mapped files and files written tile by tile. Not
here: the choice of a format by suffix (``io.files``).
"""
