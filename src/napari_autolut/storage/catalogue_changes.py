"""Tells whoever lists models that the catalogue has changed, within one process.

Belongs here: the signal alone. Who adds or removes a model emits it; lists connect to it and read
the catalogue again. Files that other programs add are seen when a list is opened.
"""

from __future__ import annotations

from psygnal import Signal


class CatalogueChanges:
    """Source of the signal; connect with ``catalogue_changes.happened.connect(slot)``."""

    happened = Signal()
    """A model was added, replaced or removed. Emit in the thread of the user interface."""


catalogue_changes = CatalogueChanges()
