"""Tables that are refused, and how. Belongs here: what tests of bad tables share."""

import pytest

from napari_autolut.storage import ModelFileError
from napari_autolut.storage.importers import import_tables
from tests.storage.importers import tables

SR_LUT = tables.sr_lut("S", 6, 2)


def error_of(source, layout="auto") -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        import_tables(source, layout)
    assert "\n" not in str(caught.value)
    return caught.value
