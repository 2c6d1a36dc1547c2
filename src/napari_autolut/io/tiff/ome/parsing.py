"""OME-XML of any version, as elements of the current schema.

Belongs here: namespaces and parsing. What elements mean is ``reading.py``, what older schemas had
in other places ``old.py``.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from napari_autolut.io.tiff.ome.old import modernise

SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
"""Namespace of the current schema, into which older ones are renamed."""

FIRST_YEAR_OF_CHANNELS = 2010
"""Older schemas have sizes, channels and times elsewhere."""

_NAMESPACE = re.compile(
    r"\{https?://www\.openmicroscopy\.org/(?:X|XML)?Schemas/"
    r"(?:OME|SA|SPW|ROI|BIN|CA|STC|BinaryFile|DataHistory)/([\w-]+)(?:/[\w.]+)?/?\}",
    re.I,
)

_FIRST = "FC"
"""What the schema of 2003 has in the place of its month."""


def ome_tag(name: str) -> str:
    """Name an element of the current schema as ElementTree does."""
    return f"{{{SCHEMA}}}{name}"


def parsed(xml: str) -> tuple[ElementTree.Element, int]:
    """Parse OME-XML of any version.

    Parameters
    ----------
    xml : str
        The text.

    Returns
    -------
    root : Element
        Its elements renamed into the current schema.
    year : int
        Of the schema it was written in; the current one's where it names none.

    Raises
    ------
    ValueError
        If it is no OME-XML, or declares entities, which no OME-XML does.
    """
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise ValueError("its OME-XML declares a document type, which no OME-XML does")
    try:
        root = ElementTree.fromstring(xml.encode())
    except (ElementTree.ParseError, RecursionError) as error:
        raise ValueError(f"its OME-XML is damaged ({error})") from error
    match = _NAMESPACE.match(root.tag)
    dated = match[1].replace(_FIRST, "2003") if match else ""
    year = int(dated[:4]) if dated[:4].isdigit() else 2016
    _rename(root)
    if year < FIRST_YEAR_OF_CHANNELS:
        modernise(root, ome_tag(""))
    return root, year


def _rename(element: ElementTree.Element) -> None:
    """Rename elements of older schemas; what users put into annotations stays as it is."""
    waiting = [element]
    while waiting:
        each = waiting.pop()
        bare = _NAMESPACE.sub("", each.tag) if isinstance(each.tag, str) else ""
        if bare and not bare.startswith("{"):
            each.tag = ome_tag(bare)
            waiting += each if bare != "XMLAnnotation" else []
