"""The Train dock without a window, and the layers that it sees."""

import pytest


@pytest.fixture
def dock(train_dock):
    """Without a window: nothing here needs one."""
    return train_dock


@pytest.fixture
def viewer(dock):
    """The layers that the dock sees."""
    return dock.result._viewer
