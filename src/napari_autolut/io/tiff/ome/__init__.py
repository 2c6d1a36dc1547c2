"""OME-XML, in the first page of OME-TIFF files and in files of their own.

Lives here: reading and writing it, older schemas, and what strangers may declare in it. Not here:
the pages of the TIFF (``io.tiff``).
"""
