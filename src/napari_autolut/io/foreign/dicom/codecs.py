"""Compressed frames of DICOM files through imagecodecs, which this package needs anyway.

Belongs here: pydicom's form of a decoder, for what Pillow does not decode: lossless and 12-bit
JPEG, JPEG-LS, high-throughput JPEG 2000.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

LABEL = "napari-autolut"

CODECS = {
    "JPEGExtended12Bit": "jpeg", "JPEGLossless": "jpeg", "JPEGLosslessSV1": "jpeg",
    "JPEGLSLossless": "jpegls", "JPEGLSNearLossless": "jpegls",
    "HTJ2KLossless": "jpeg2k", "HTJ2KLosslessRPCL": "jpeg2k", "HTJ2K": "jpeg2k",
}  # fmt: skip
"""pydicom's names of transfer syntaxes, and imagecodecs' of codecs."""

DECODER_DEPENDENCIES: dict[str, tuple[str, ...]] = {}
"""Asked for by pydicom; nothing is missing."""


@cache
def register() -> None:
    """Make pydicom decode with imagecodecs what it decodes with nothing else."""
    decoders = import_module("pydicom.pixels.decoders")
    for name in CODECS:
        getattr(decoders, f"{name}Decoder").add_plugin(LABEL, (__name__, "decode_frame"))


def is_available(_: str) -> bool:
    """Whether a syntax can be decoded; all that are registered can."""
    return True


def decode_frame(source: bytes, runner: Any) -> bytes:
    """Decode a frame as pydicom's plugins do: rows from the top, colours of a pixel together."""
    names = {getattr(import_module("pydicom.uid"), name): codec for name, codec in CODECS.items()}
    codec = names[runner.transfer_syntax]
    pixels: np.ndarray[Any, Any] = getattr(import_module("imagecodecs"), f"{codec}_decode")(source)
    if pixels.shape[:2] != (runner.rows, runner.columns):
        raise ValueError(
            f"found {pixels.shape[0]} x {pixels.shape[1]} compressed pixels, expected "
            f"{runner.rows} x {runner.columns}"
        )
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)
    runner.set_option("bits_allocated", 8 * pixels.itemsize)
    return pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()
