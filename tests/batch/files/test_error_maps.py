"""Maps of expected errors of a folder's files, which lie beside the results."""

from __future__ import annotations

from pathlib import Path

from napari_autolut.io import ImageFile, read_image, write_image
from tests.commandline import run
from tests.pictures import picture


def test_a_map_is_no_files_result_nor_another_map(tmp_path: Path) -> None:
    """Neither what is enlarged may be lost, nor a map, whose names a folder may hold already."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("a.png", "A_error.tif", "b.png", "b.tif", "c.tif"):
        write_image(folder / name, ImageFile(picture((9, 12)), "YX"))
    options = ("-m", "natural-x2", "--expected-error", "--overwrite")
    result = run("upscale", folder, out, *options)
    assert result.exit_code == 1
    problem = f"  {folder / '{}'}: its expected errors {out / '{}'} would have the name of what "
    lines = result.stdout.splitlines()[-2:]
    assert lines[0].startswith(problem.format("a.png", "a_error.tif"))
    assert lines[1] == (
        f"{problem.format('b.tif', 'b_error.tif')}{folder / 'b.png'} gives; rename one"
    )
    names = {path.name for path in out.iterdir()}
    assert names == {"A_error.tif", "A_error_error.tif", "b.png", "b_error.tif", "c.tif",
                     "c_error.tif"}  # fmt: skip
    assert read_image(out / "A_error.tif").data.dtype == "uint8"
