"""Paths that are too long for Windows as they are."""

from pathlib import PureWindowsPath

import pytest

from napari_autolut.util import long_paths


@pytest.mark.parametrize(
    ("path", "longer"),
    [
        (r"C:\data\a.tif", r"\\?\C:\data\a.tif"),
        (r"\\server\share\a.tif", r"\\?\UNC\server\share\a.tif"),
        (r"\\?\C:\data\a.tif", r"\\?\C:\data\a.tif"),
    ],
)
def test_windows_takes_longer_paths_in_another_spelling(path, longer, monkeypatch) -> None:
    monkeypatch.setattr(long_paths.os.path, "abspath", str)
    monkeypatch.setattr(long_paths, "Path", PureWindowsPath)
    assert str(long_paths.long_path(PureWindowsPath(path))) == longer
