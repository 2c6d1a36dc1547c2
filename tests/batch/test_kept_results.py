"""Names of results beside those of other settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_autolut.batch.kept_results import own_name
from napari_autolut.io import ProcessingStep


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
