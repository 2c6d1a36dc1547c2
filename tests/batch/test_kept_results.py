"""Names of results beside those of other settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_autolut.batch.files.provenance import difference
from napari_autolut.batch.kept_results import beside_others, own_name
from napari_autolut.batch.outcomes import FileItem
from napari_autolut.io import ImageFile, ProcessingStep, write_image
from tests.pictures import picture


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("micro-x2", "cells-micro-x2.ome.tif"),
        ("\u044f\u0434\u0440\u0430 x2", "cells-\u044f\u0434\u0440\u0430-x2.ome.tif"),
        ("\u7d30\u80de/*?", "cells-\u7d30\u80de-.ome.tif"),
    ],
)
def test_models_of_every_script_have_names_of_their_own(model: str, name: str) -> None:
    made = own_name(Path("cells.ome.tif"), ProcessingStep("upscale", model, scale=2))
    assert made == Path(name)


def test_results_of_strangers_are_named_in_few_words(tmp_path: Path) -> None:
    """What a result says of itself was written by whoever sent it."""
    ask, items = ProcessingStep("upscale", "micro-x2", scale=2), []
    for number in range(20):
        settings = {f"{name} {number}": "x" * 4000 for name in range(20)}
        made = ProcessingStep("upscale", f"{number}{'x' * 4000}", scale=3, settings=settings)
        out = tmp_path / f"{number}.tif"
        write_image(out, ImageFile(picture((8, 8)), "YX", history=(made,)))
        items.append(FileItem(tmp_path / "a.tif", out))
    settled, remark = beside_others(items, ask)
    assert len(settled) == 20
    assert "and 17 others" in remark
    assert max(len(remark), len(difference(items[0].out, ask))) < 1500
