"""OME-Zarr: what is written is read by a second library, and damage ends in a sentence."""

import pytest

pytest.importorskip("zarr", reason="the extra zarr is not installed")
pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
