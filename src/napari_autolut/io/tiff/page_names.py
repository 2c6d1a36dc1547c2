"""Names of pages that are those of channels, as imaging mass cytometry and MIBI write them.

Belongs here: which names count as such. Numbered pages are slices, as others are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tifffile import TiffPage

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.maker_metadata import MakerMetadata, tag_text

PAGE_NAME_TAG = 285


def channel_names(pages: Sequence[TiffPage]) -> tuple[str, ...]:
    """Name the channels that pages are; none unless all have names that differ in letters."""
    if len(pages) < 2 or PAGE_NAME_TAG not in pages[0].tags:
        return ()
    names = tuple(" ".join(tag_text(page, PAGE_NAME_TAG).split()) for page in pages)
    letters = {re.sub(r"\d+", "", name) for name in names}
    return names if all(names) and len(set(names)) == len(names) and len(letters) > 1 else ()


def named_pages(pages: Sequence[TiffPage]) -> MakerMetadata:
    """What names of pages say of an image."""
    return MakerMetadata({}, tuple(map(Channel, channel_names(pages))))
