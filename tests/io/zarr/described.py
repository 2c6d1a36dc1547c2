"""OME-Zarrs made of nothing but zarr and JSON. Belongs here: what tests of them share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zarr

from tests.pictures import picture


def scale(*factors: float) -> dict[str, Any]:
    return {"type": "scale", "scale": list(factors)}


def translation(*shifts: float) -> dict[str, Any]:
    return {"type": "translation", "translation": list(shifts)}


def space(name: str, unit: str | None = None) -> dict[str, str]:
    return {"name": name, "type": "space"} | ({"unit": unit} if unit else {})


TIME = {"name": "t", "type": "time", "unit": "millisecond"}


def written(path: Path, axes: list[dict[str, str]], *transforms: Any, **more: Any) -> Path:
    """An image of OME-Zarr 0.5 with one level, made of nothing but zarr and JSON."""
    group = zarr.create_group(path)
    group.create_array("s0", data=picture((3, 4, 5)[-len(axes) :], "uint16"))
    dataset = {"path": "s0", "coordinateTransformations": list(transforms)}
    multiscale = {"axes": axes, "datasets": [dataset]} | more.pop("multiscale", {})
    group.attrs["ome"] = {"version": "0.5", "multiscales": [multiscale]} | more
    return path


def changed(path: Path, change: Callable[[Any], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def said(content: Any) -> Any:
    return content["attributes"]["ome"]["multiscales"][0]
