"""Image files and their metadata: TIFF and what Pillow reads.

Lives here: one reader and one writer for each format, and the image type they share. Not here: what
is done with the pixels (``batch``, ``training``).
"""
