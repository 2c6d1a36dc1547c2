"""Files of microscopes through bioio's real readers; each test needs the reader it names.

`make` installs them where there are wheels.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_autolut.arrays import finish
from napari_autolut.batch import upscale_file_steps
from napari_autolut.io import ImageFileError, list_series, read_image
from tests.conftest import small_model
from tests.io.foreign.leica import write_lif
from tests.io.foreign.microscope_files import write_czi, write_dv, write_sldy
from tests.io.foreign.nikon import write_nd2
from tests.pictures import picture


def reader(module: str) -> None:
    pytest.importorskip("bioio", reason="bioio is not installed")
    pytest.importorskip(module, reason=f"{module} is not installed")


@pytest.mark.parametrize("memmap_above", [0, np.inf])
def test_czi(tmp_path: Path, memmap_above: float) -> None:
    reader("bioio_czi")
    data = picture((2, 2, 3, 60, 70, 1), "uint16", top=4000)
    write_czi(tmp_path / "a.czi", data)
    found = read_image(tmp_path / "a.czi", memmap_above=memmap_above)
    assert (found.axes, found.unit) == ("TCZYX", "µm")
    assert found.pixel_size == pytest.approx({"Z": 1.0, "Y": 0.2, "X": 0.2})
    assert [each.name for each in found.channels] == ["dye 0", "dye 1"]
    np.testing.assert_array_equal(np.asarray(found.data), data[..., 0])


@pytest.mark.parametrize("memmap_above", [0, np.inf])
def test_colours_of_czi_are_in_order(tmp_path: Path, memmap_above: float) -> None:
    """Zeiss stores blue first; its own library takes and gives it so."""
    reader("bioio_czi")
    data = picture((1, 1, 3, 60, 70, 3))
    write_czi(tmp_path / "a.czi", data)
    found = read_image(tmp_path / "a.czi", memmap_above=memmap_above)
    assert found.axes == "ZYXS"
    np.testing.assert_array_equal(np.asarray(found.data), data[0, 0, ..., ::-1])


def test_channels_of_czi_keep_how_they_are_shown(tmp_path: Path) -> None:
    """Colours, too, where bioio-czi has no OME words for the file."""
    reader("bioio_czi")
    czi = pytest.importorskip("pylibCZIrw.czi", reason="pylibCZIrw is not installed")
    shown = czi.ChannelDisplaySettingsDataClass(
        True, czi.TintingMode.Color, czi.Rgb8Color(*np.array([0, 128, 255], np.uint8)), 0.2, 0.8
    )
    with czi.create_czi(str(tmp_path / "a.czi")) as file:
        for channel in range(2):
            file.write(picture((20, 30, 1), "uint16", top=4000), plane={"C": channel})
        file.write_metadata(
            document_name="made", channel_names={0: "DAPI"}, display_settings={0: shown}
        )
    one, other = read_image(tmp_path / "a.czi").channels
    assert (one.name, one.colour) == ("DAPI", "0080FF")
    assert one.window == pytest.approx((0.2 * 65535, 0.8 * 65535))
    assert other.colour is None


@pytest.mark.parametrize("memmap_above", [0, np.inf])
def test_scenes_without_names_are_numbered(tmp_path: Path, memmap_above: float) -> None:
    """All of them, not the first alone."""
    reader("bioio_czi")
    pytest.importorskip("aicspylibczi", reason="aicspylibczi is not installed")
    data = picture((1, 2, 1, 60, 70, 1), "uint16", top=4000)
    write_czi(tmp_path / "a.czi", data, scenes=3)
    listed = list_series(tmp_path / "a.czi")
    assert [each.name for each in listed] == ["Scene 0", "Scene 1", "Scene 2"]
    for each in listed:
        found = read_image(tmp_path / "a.czi", series=each.index, memmap_above=memmap_above)
        np.testing.assert_array_equal(np.asarray(found.data), data[0, :, 0, :, :, 0] + each.index)
        assert (found.name, found.not_kept) == (each.name, ())
        assert found.pixel_size == pytest.approx({"Y": 0.2, "X": 0.2})
        assert [channel.name for channel in found.channels] == ["dye 0", "dye 1"]


@pytest.mark.parametrize("memmap_above", [0, np.inf])
def test_nd2(tmp_path: Path, memmap_above: float) -> None:
    reader("bioio_nd2")
    data = picture((2, 3, 4, 2, 40, 50), "uint16", top=4000)
    write_nd2(tmp_path / "a.nd2", data, ["DAPI", "FITC"])
    assert [each.name for each in list_series(tmp_path / "a.nd2")] == ["well 0", "well 1"]
    for position in range(2):
        found = read_image(tmp_path / "a.nd2", series=position, memmap_above=memmap_above)
        assert (found.axes, found.unit) == ("TCZYX", "µm")
        assert found.pixel_size == pytest.approx({"T": 0.5, "Z": 2.0, "Y": 0.325, "X": 0.325})
        assert [each.name for each in found.channels] == ["DAPI", "FITC"]
        assert [each.colour for each in found.channels] == ["FF0000", "00FF00"]
        assert [each.emission for each in found.channels] == [520.0, 521.0]
        assert found.origin["X"] == 10.0 * position
        np.testing.assert_array_equal(np.asarray(found.data), data[position].swapaxes(1, 2))


@pytest.mark.parametrize("suffix", [".czi", ".nd2", ".lif"])
def test_planes_are_read_one_by_one(tmp_path: Path, suffix: str) -> None:
    """A whole stack is not read for each of its planes."""
    reader(f"bioio_{suffix[1:]}")
    path, data = tmp_path / f"a{suffix}", picture((1, 1, 5, 60, 70, 1), "uint16", top=4000)
    if suffix == ".czi":
        write_czi(path, data)
    elif suffix == ".nd2":
        write_nd2(path, data[..., 0].swapaxes(1, 2)[None], ["DAPI"])
    else:
        write_lif(path, {"stack": data[..., 0].swapaxes(1, 2)})
    found = read_image(path, memmap_above=0)
    assert found.axes == "ZYX" and found.data.chunks[0] == (1,) * 5
    np.testing.assert_array_equal(np.asarray(found.data), data[0, 0, ..., 0])


def test_channels_of_different_types_are_refused(tmp_path: Path) -> None:
    """Values of 16 bits are not cut to 8, where the first channel has 8."""
    reader("bioio_czi")
    czi = pytest.importorskip("pylibCZIrw.czi", reason="pylibCZIrw is not installed")
    with czi.create_czi(str(tmp_path / "a.czi")) as file:
        file.write(picture((20, 30, 1)), plane={"C": 0})
        file.write(picture((20, 30, 1), "uint16", top=4000), plane={"C": 1})
        file.write_metadata(document_name="made")
    with pytest.raises(ImageFileError, match="a channel of uint16 beside one of uint8"):
        read_image(tmp_path / "a.czi")


@pytest.mark.parametrize("name", ["DAPI", None])
def test_one_channel_keeps_its_name(tmp_path: Path, name: str | None) -> None:
    """And what readers call a channel without a name is none."""
    reader("bioio_czi")
    czi = pytest.importorskip("pylibCZIrw.czi", reason="pylibCZIrw is not installed")
    with czi.create_czi(str(tmp_path / "a.czi")) as file:
        file.write(picture((20, 30, 1)), plane={"C": 0})
        file.write_metadata(document_name="made", channel_names={0: name} if name else {})
    found = read_image(tmp_path / "a.czi")
    assert [each.name for each in found.channels] == ([name] if name else [])


@pytest.mark.parametrize("sequence", ["CTZ", "TZC", "TCZ"])
@pytest.mark.parametrize("order", "<>")
def test_dv(tmp_path: Path, sequence: str, order: str) -> None:
    reader("bioio_dv")
    data = picture((2, 3, 4, 10, 12), "uint16", top=4000)
    write_dv(tmp_path / "a.dv", data, sequence, order)
    found = read_image(tmp_path / "a.dv")
    assert found.axes == sequence + "YX"
    assert found.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.12, "X": 0.1})
    assert [(each.name, each.emission) for each in found.channels] == [
        ("", 457.0),
        ("", 528.0),
        ("", 617.0),
    ]
    same = found.data.transpose([found.axes.index(axis) for axis in "TCZYX"])
    np.testing.assert_array_equal(same, data)


def test_sldy(tmp_path: Path) -> None:
    reader("bioio_sldy")
    data = picture((2, 3, 4, 10, 12), "uint16", top=4000)
    write_sldy(tmp_path / "a.sldy", data)
    found = read_image(tmp_path / "a.sldy")
    assert (found.axes, found.channels) == ("TCZYX", ())
    assert found.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.325, "X": 0.325})
    np.testing.assert_array_equal(found.data, data)


@pytest.mark.parametrize(
    "text",
    ['x: !!python/object/apply:os.mkdir ["made"]', '%TAG ! tag:yaml.org,2002:python/\n---\nx: 1',
     'x:\n- !<tag:yaml.org,2002:python/object/apply:os.mkdir> ["made"]'],
)  # fmt: skip
def test_yaml_that_starts_programs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """bioio-sldy makes any object of Python that the YAML names."""
    pytest.importorskip("bioio", reason="bioio is not installed")
    monkeypatch.chdir(tmp_path)
    write_sldy(tmp_path / "a.sldy", picture((1, 1, 4, 10, 12), "uint16"), text)
    with pytest.raises(ImageFileError, match=r"ChannelRecord\.yaml asks for objects of Python"):
        read_image(tmp_path / "a.sldy")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("unit", ["m", "inch"])
def test_lengths_of_lif(tmp_path: Path, unit: str) -> None:
    """Inches are no micrometres."""
    reader("bioio_lif")
    write_lif(tmp_path / "a.lif", {"stack": picture((3, 4, 1, 40, 50))}, unit)
    found = read_image(tmp_path / "a.lif")
    assert (found.unit, [each.name for each in found.channels]) == ("µm", ["Green"])
    assert found.pixel_size == pytest.approx({"T": 3.0, "Z": 0.5, "Y": 0.2, "X": 0.2})


def test_lif(tmp_path: Path) -> None:
    reader("bioio_lif")
    stack = picture((3, 4, 2, 40, 50), "uint16", top=4000)
    images = {"stack": stack, "plane": picture((1, 1, 1, 30, 20))}
    write_lif(tmp_path / "a.lif", images)
    assert [each.name for each in list_series(tmp_path / "a.lif")] == ["stack", "plane"]
    found = read_image(tmp_path / "a.lif")
    assert (found.axes, found.unit) == ("TCZYX", "µm")
    assert found.pixel_size == pytest.approx({"T": 3.0, "Z": 0.5, "Y": 0.2, "X": 0.2})
    assert [each.name for each in found.channels] == ["Green", "Red"]
    np.testing.assert_array_equal(found.data, stack.swapaxes(1, 2))
    second = read_image(tmp_path / "a.lif", series=1)
    np.testing.assert_array_equal(second.data, images["plane"][0, 0, 0])


def test_colours_and_mosaics_of_lif(tmp_path: Path) -> None:
    """bioio-lif cannot read the one, and lays tiles side by side whatever their places.

    Each tile is an image where the stage was, as for programs that stitch.
    """
    reader("bioio_lif")
    colours = np.stack([picture((40, 50, 3))] * 2)
    images = {
        "stack": picture((1, 4, 1, 40, 50)),
        "colours": colours,
        "tiles": picture((4, 30, 40)),
    }
    write_lif(tmp_path / "a.lif", images)
    tiles = [f"tiles tile {number}" for number in range(4)]
    listed = list_series(tmp_path / "a.lif")
    assert [each.name for each in listed] == ["stack", "colours", *tiles]
    found = read_image(tmp_path / "a.lif", series=1)
    assert (found.axes, found.unit, found.name) == ("ZYXS", "µm", "colours")
    assert found.pixel_size == pytest.approx({"Z": 0.5, "Y": 0.2, "X": 0.2})
    np.testing.assert_array_equal(found.data, colours)
    assert not read_image(tmp_path / "a.lif").remarks
    for number in range(4):
        tile = read_image(tmp_path / "a.lif", series=2 + number)
        np.testing.assert_array_equal(tile.data, images["tiles"][number])
        assert tile.origin == pytest.approx({"X": number % 2 * 10, "Y": number // 2 * 10, "Z": 0})
    done = finish(
        upscale_file_steps(tmp_path / "a.lif", tmp_path / "b.ome.tif", small_model("s", 2))
    )
    assert "6 series" in done.note
    last = read_image(tmp_path / "b.ome.tif", series=5)
    assert last.name == "tiles tile 3" and last.origin["X"] == pytest.approx(10 - 0.05)


@pytest.mark.parametrize("suffix", [".czi", ".nd2", ".lif"])
def test_a_file_that_ends_early(tmp_path: Path, suffix: str) -> None:
    reader(f"bioio_{suffix[1:]}")
    path = tmp_path / f"a{suffix}"
    data = picture((1, 1, 3, 60, 70, 1), "uint16")
    if suffix == ".czi":
        write_czi(path, data)
    elif suffix == ".nd2":
        write_nd2(path, data, ["DAPI"] * 60)
    else:
        write_lif(path, {"stack": data[..., 0]})
    whole = path.read_bytes()
    for kept in (0.01, 0.5, 0.9):
        path.write_bytes(whole[: int(len(whole) * kept)])
        with pytest.raises(ImageFileError, match=f"a{suffix}") as error:
            read_image(path)
        assert "\n" not in str(error.value)


def test_an_ome_tiff_keeps_what_the_microscope_said(tmp_path: Path) -> None:
    reader("bioio_nd2")
    write_nd2(tmp_path / "a.nd2", picture((1, 1, 4, 2, 40, 50), "uint16"), ["DAPI", "FITC"])
    out = tmp_path / "a.ome.tif"
    for _ in upscale_file_steps(tmp_path / "a.nd2", out, small_model("small", 2)):
        pass
    found = read_image(out)
    assert found.pixel_size == pytest.approx({"Z": 2.0, "Y": 0.1625, "X": 0.1625})
    assert [(each.name, each.emission) for each in found.channels] == [
        ("DAPI", 520.0),
        ("FITC", 521.0),
    ]


@pytest.mark.slow
def test_bioio_imageio(tmp_path: Path) -> None:
    reader("bioio_imageio")
    from PIL import Image

    from napari_autolut.io.foreign.reading import OpenForeign

    data = picture((8, 9, 3))
    Image.fromarray(data).save(tmp_path / "a.png")
    found = OpenForeign(tmp_path / "a.png").read()
    assert found.axes == "YXS"
    np.testing.assert_array_equal(found.data, data)
    assert len(OpenForeign(tmp_path / "a.png").series) == 1
