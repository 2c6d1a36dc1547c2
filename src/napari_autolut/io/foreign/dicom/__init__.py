"""DICOM files, through pydicom, which is imported when one is read.

Lives here: pixels, places in the patient, compressed frames, and how far files may unpack. Not
here: other kinds that others read (``io.foreign``).
"""
