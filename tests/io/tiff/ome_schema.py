"""OME's schema, from a package, so that nothing is fetched."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest


@cache
def schema():
    """The schema of June 2016."""
    ome_types = pytest.importorskip("ome_types")
    etree = pytest.importorskip("lxml.etree")
    return etree.XMLSchema(file=str(Path(ome_types.__file__).with_name("ome-2016-06.xsd")))


def check_valid(xml: str | bytes) -> None:
    """Assert that XML is valid, with the schema's own words where not."""
    from lxml import etree

    tree = etree.fromstring(xml.encode() if isinstance(xml, str) else xml)
    if not schema().validate(tree):
        raise AssertionError(f"{schema().error_log.filter_from_errors()}\n{etree.tostring(tree)!r}")


@cache
def enumeration(name: str) -> frozenset[str]:
    """The values that a type of the schema allows."""
    from lxml import etree

    ome_types = pytest.importorskip("ome_types")
    tree = etree.parse(str(Path(ome_types.__file__).with_name("ome-2016-06.xsd")))
    space = {"x": "http://www.w3.org/2001/XMLSchema"}
    found = tree.xpath(
        f"//*[@name='{name}']//x:enumeration/@value | //x:attribute[@name='{name}']"
        "//x:enumeration/@value",
        namespaces=space,
    )
    return frozenset(map(str, found))
