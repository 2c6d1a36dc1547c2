"""Image files to image files: folders, disk to disk in blocks, and clusters.

Lives here: what is done to which file, in which order, and what became of it. Not here: reading and
writing a format (``io``) and the computation itself (``arrays``).
"""
