"""What libraries in C print does not reach the terminal, and what Python prints does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imagecodecs
import pytest

from napari_autolut.io import read_image
from tests.io.tiff.kinds import Kind, smooth, write_tiff

ENTRY = 12
"""Bytes of an entry of JPEG XR's own list of tags, which is one of a TIFF."""


def said(*lines: str) -> tuple[str, str]:
    """Standard output and errors of a program that does what a command does first."""
    code = "\n".join(["from napari_autolut.cli.output import *", "prepare_streams()", *lines])
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    return run.stdout, run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no library of C by that name")
def test_only_what_c_prints_while_files_are_decoded_is_lost() -> None:
    lines = said(
        "import ctypes, os",
        "from napari_autolut.util.library_lines import silent_libraries",
        "c = ctypes.CDLL(None)",
        "c.puts(b'of C, before')",
        "with silent_libraries():",
        "    with silent_libraries():",
        "        c.puts(b'of C, within')",
        "    os.write(2, b'of C, within')",
        "    echo('of Python, within')",
        "    echo('of Python, within', to_stderr=True)",
        "os.write(2, b'of C, after\\n')",
        "prepare_streams()",
        "echo('of Python, after')",
    )
    assert lines == (
        "of C, before\nof Python, within\nof Python, after\n",
        "of Python, within\nof C, after\n",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no library of C by that name")
def test_readers_are_silent_when_a_plane_is_read_later() -> None:
    lines = said(
        "import ctypes, pathlib, numpy as np, dask.array as da",
        "from napari_autolut.io.foreign.reading import _read_safely",
        "c = ctypes.CDLL(None)",
        "loud = lambda block: block + c.puts(b'of C') * 0",
        "pixels = da.zeros((2, 3), chunks=1).map_blocks(loud, dtype=float, meta=np.empty((0, 0)))",
        "echo(str(np.asarray(_read_safely(pathlib.Path('a.czi'), pixels)).shape))",
    )
    assert lines == ("(2, 3)\n", "")


def test_a_jpeg_xr_with_a_tag_that_its_decoder_does_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one file jxrlib printed 65,655 lines."""
    monkeypatch.setitem(
        sys.modules["tests.io.tiff.kinds"].OF_IMAGES, 22610, imagecodecs.jpegxr_encode
    )
    path = write_tiff(tmp_path / "a.tif", (smooth((23, 18, 3), 255, "uint8"), Kind(2, 22610)))
    content = bytearray(path.read_bytes())
    start = content.index(b"II\xbc\1")
    tags = start + int.from_bytes(content[start + 4 : start + 8], "little") + 2
    content[tags + ENTRY : tags + ENTRY + 2] = b"\x01\x00"
    path.write_bytes(content)
    assert read_image(path).data.shape == (23, 18, 3)
    code = "from napari_autolut.io import read_image"
    assert said(code, f"echo(str(read_image({str(path)!r}).data.ndim))") == ("3\n", "")


def test_streams_that_somebody_has_replaced_stay() -> None:
    code = "import io, sys; sys.stdout = mine = io.StringIO(); prepare_streams()"
    assert said(code, "assert sys.stdout is mine; echo('seen', to_stderr=True)") == ("", "seen\n")
