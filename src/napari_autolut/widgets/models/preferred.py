"""Which model lists begin with, and what is said where it is not there.

Belongs here: the preference, checked against a list. The page itself is ``napari.yaml``.
"""

from __future__ import annotations

from collections.abc import Sequence

from napari.utils.notifications import show_warning

from napari_autolut.arrays import AUTO
from napari_autolut.preferences import preferences
from napari_autolut.storage import DEFAULT_MODEL
from napari_autolut.widgets.shared.plain_text import plain

_missed: set[str] = set()
"""Names of the preferences that nothing was found for, each of which is told once."""


def preferred(names: Sequence[str]) -> int:
    """Position of the model to begin with; -1 where there is none at all."""
    wanted = preferences().model
    found = next((names.index(name) for name in (wanted, DEFAULT_MODEL) if name in names), 0)
    if not names:
        return -1
    if wanted not in (AUTO, *names, *_missed):
        _missed.add(wanted)
        show_warning(
            plain(
                f"No model {wanted!r} is in the list, which the preferences name as the default; "
                f"{names[found]} is chosen. Choose another one in File > Preferences > AutoLUT "
                "upscaling."
            )
        )
    return found
