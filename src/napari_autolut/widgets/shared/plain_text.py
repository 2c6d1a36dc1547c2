"""Text from files, for Qt: names, paths and cards are shown as they are and never drawn as HTML.

Belongs here: how Qt is told. A tool tip that Qt takes for HTML opens any file that an image in it
names, and never comes back from ``/dev/zero``. Labels of docks are plain text by their format.
"""

from __future__ import annotations

import re

from napari_autolut.widgets.shared.text import BREAK, seen

LONGEST = 2000
"""Letters of a tool tip or message; a card may have any number."""


def plain(text: str) -> str:
    """Text for a tool tip, a notification or a question, which have no format of their own.

    What Qt guesses to be HTML is recognised by its first tag, or by ``&lt;``; one letter without a
    width, which nobody sees, makes it none. Control characters and marks of direction, with which a
    name may pass for another one, are escaped as in the shell; lines stay lines.

    Parameters
    ----------
    text : str
        What is to be seen.

    Returns
    -------
    str
        What looks like it, cut where it is endless.
    """
    if len(text) > LONGEST:
        text = text[:LONGEST] + "\N{HORIZONTAL ELLIPSIS}"
    return re.sub("[<&]", rf"\g<0>{BREAK}", seen(text))
