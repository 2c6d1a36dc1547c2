"""OME-XML from strangers: refused where it names other folders or entities.

Belongs here: checks before tifffile acts on it, and which files make up one image. How much it may
declare is ``sizes.py``, what the metadata mean ``reading.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from xml.etree import ElementTree

from tifffile import TiffFile

from napari_autolut.io.beside import lies_beside
from napari_autolut.io.decoding import decoding
from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.suffixes import READ_AS_TIFF
from napari_autolut.io.tiff.declared import check_declared
from napari_autolut.io.tiff.ome.mixed import split_by_samples
from napari_autolut.io.tiff.ome.sizes import check_sizes
from napari_autolut.io.tiff.page_list import Page
from napari_autolut.util.spelling import composed

ENTITIES = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)

MAX_COMPANION_BYTES = 2**26


def check_description(tif: TiffFile, pages: Sequence[Page]) -> None:
    """Check the text that says how pages belong together.

    Parameters
    ----------
    tif : TiffFile
        The file.
    pages : sequence of Page
        What its pages declare; none where that is not known.

    Raises
    ------
    ValueError
        If it declares entities, or more planes than there can be. If it names files outside the
        file's folder, or such as declare what they cannot hold.
    """
    text = tif.ome_metadata or tif.pages.first.description
    if not isinstance(text, str) or not text.lstrip("\ufeff \n\r\t").startswith("<"):
        return
    try:
        root = _harmless(text)
    except ElementTree.ParseError:
        return  # tifffile goes on without it
    if not tif.is_ome:
        return
    names = set(_file_names(root))
    for name in sorted(names):
        _check_member(Path(tif.filehandle.path), name)
    members = sorted(set(_data_files(root)))
    in_a_file = [_pages_of_member(Path(tif.filehandle.path), name) for name in members]
    alone = not names - {tif.filehandle.name}
    check_sizes(root, tif, pages, 0 if alone else max([1, *in_a_file]))


def whole_set(path: Path) -> tuple[Path, str | None]:
    """Find what describes the set of an OME-TIFF that says no more than where that is.

    Parameters
    ----------
    path : pathlib.Path
        Any file of the set.

    Returns
    -------
    first : pathlib.Path
        The TIFF to open: the one that describes all of them, or the same.
    xml : str or None
        OME-XML that counts for ``first``: of a companion file, or its own with what it leaves
        out, or with images taken apart; None where a TIFF has its own.

    Raises
    ------
    ValueError
        If the file that it names is not to be read.
    """
    root = _description(path)
    if root is None:
        return path, None
    binary = root.find("{*}BinaryOnly")
    name = "" if binary is None else binary.attrib.get("MetadataFile", "")
    if not name:
        return path, _in_order(root) or split_by_samples(root) or _of_one_file(path, root)
    _check_member(path, name)
    companion = path.with_name(name)
    if not companion.exists() or companion.samefile(path):
        return path, None
    if companion.suffix.lower() in READ_AS_TIFF:
        _pages_of_member(path, name)
        return companion, None
    if companion.stat().st_size > MAX_COMPANION_BYTES:
        raise ValueError(f"its OME-XML names {name}, which is larger than any description")
    xml = companion.read_text("utf-8-sig")
    try:
        _harmless(xml)
    except ElementTree.ParseError as error:
        raise ValueError(f"its OME-XML names {name}, which is damaged ({error})") from error
    return path, xml


def _in_order(root: ElementTree.Element) -> str | None:
    """OME-XML with pages named in their order, where it is of one image and names none at all."""
    images = root.findall("{*}Image/{*}Pixels")
    if len(images) != 1 or any(
        images[0].find(f"{{*}}{name}") is not None for name in ("TiffData", "BinData")
    ):
        return None
    # A description of no image at all has MetadataOnly where the pages would stand.
    pixels = images[0]
    if pixels.find("{*}MetadataOnly") is not None:
        return None
    namespace = pixels.tag.removesuffix("Pixels")
    channels = pixels.findall("{*}Channel")
    pixels.insert(len(channels), ElementTree.Element(f"{namespace}TiffData"))
    return ElementTree.tostring(root, "unicode")


def _of_one_file(path: Path, root: ElementTree.Element) -> str | None:
    """OME-XML without the name of its one file, where that has another name today.

    Most programs give the file an identifier besides, by which it knows itself.
    """
    names = {*_data_files(root)}
    if root.get("UUID") or len(names) != 1 or not all(map(_is_inside, names)):
        return None
    if path.with_name(*names).exists():
        return None
    for data in root.iterfind(".//{*}TiffData"):
        data[:] = []
    return ElementTree.tostring(root, "unicode")


def _description(path: Path) -> ElementTree.Element | None:
    """The OME-XML in a file itself, if it has one that can be read."""
    text = _text(path)
    try:
        return _harmless(text) if text else None
    except (ElementTree.ParseError, ValueError):
        return None


def _text(path: Path) -> str:
    """OME-XML of a file, or nothing."""
    with TiffFile(path) as tif:
        return tif.pages.first.description if tif.pages.first.is_ome else ""


def _harmless(xml: str) -> ElementTree.Element:
    """Parse XML that declares no entities."""
    if ENTITIES.search(xml):
        raise ValueError("its XML declares a document type or entities, which is refused")
    return ElementTree.fromstring(xml)


def files_of_set(path: Path) -> frozenset[str]:
    """Name the files that an OME-TIFF is made of, itself among them; empty if it is alone.

    Nothing but the description of the first page is read. Files that cannot be read are alone.
    """
    try:
        with decoding(path, "a TIFF"):
            root = _description(path)
            if root is None:
                return frozenset()
            names = set(_file_names(root))
            first, xml = whole_set(path)
            if xml is not None:
                names |= set(_data_files(_harmless(xml)))
            elif first != path:
                names |= set(_data_files(_harmless(_text(first))))
    except ImageFileError:  # it is said when the file is read
        return frozenset()
    own = composed(path.name)
    others = {name for name in names if _is_inside(name) and composed(name) != own}
    return frozenset(others | {path.name}) if others else frozenset()


def members_of_sets(paths: Sequence[Path]) -> dict[Path, Path]:
    """Find files that are parts of an image in several files, and are read with its first one.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Files of any kind, in their order.

    Returns
    -------
    dict of pathlib.Path to pathlib.Path
        The first file of the set, for each that is not the first. A file counts where both name
        each other, so that none can hide a stranger; macOS may spell its letters otherwise.
    """
    tiffs = [path for path in paths if path.suffix.lower() in READ_AS_TIFF and path.is_file()]
    sets = {_composed(path): set(map(composed, files_of_set(path))) for path in tiffs}
    listed = {_composed(path): path for path in tiffs}
    members: dict[Path, Path] = {}
    for first, names in sets.items():
        if listed[first] in members:
            continue
        for name in names:
            other = first.parent / name
            if other != first and first.name in sets.get(other, ()):
                members.setdefault(listed[other], listed[first])
    return members


def _composed(path: Path) -> Path:
    return Path(composed(str(path)))


def _file_names(root: ElementTree.Element) -> Iterator[str]:
    yield from _data_files(root)
    for element in root.iterfind("{*}BinaryOnly"):
        if element.attrib.get("MetadataFile"):
            yield element.attrib["MetadataFile"]


def _data_files(root: ElementTree.Element) -> Iterator[str]:
    """Names of the other files that hold pixels; what the file calls itself does not matter."""
    own = root.attrib.get("UUID")
    for element in root.iterfind(".//{*}UUID"):
        if element.attrib.get("FileName") and (own is None or element.text != own):
            yield element.attrib["FileName"]


def _check_member(path: Path, name: str) -> None:
    """Check a file that another one names, before tifffile opens it."""
    member = path.with_name(name) if _is_inside(name) else None
    if member is None or not lies_beside(member, path):
        raise ValueError("its OME-XML names a file outside its folder, which is refused")
    if member.exists() and not member.is_file():
        raise ValueError(f"its OME-XML names {name}, a folder, pipe or device; expected a file")


def _pages_of_member(path: Path, name: str) -> int:
    """Check the pages of a file that another one names, and count them.

    One that is missing is said later.
    """
    member = path.with_name(name)
    if not member.exists() or member.samefile(path):
        return 0
    try:
        return len(check_declared(member))
    except (OSError, ValueError) as error:
        raise ValueError(f"its OME-XML names {name}, which is damaged: {error}") from error


def _is_inside(name: str) -> bool:
    """Whether a name is that of a file in the folder of the one that names it, on any system."""
    kinds = (PurePosixPath(name), PureWindowsPath(name))
    return name not in ("", ".", "..") and all(
        not path.anchor and len(path.parts) <= 1 for path in kinds
    )
