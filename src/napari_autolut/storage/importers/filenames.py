"""What the published programs call their files, as a table of patterns.

Belongs here: from a file name to its role and fields. Which files make one model is told in
``tablesets.py``; contents are read in ``reading.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_PLACE = r"_s(?P<stage>\d+)(?P<mark>_?c)?(?(mark)(?P<channel>\d))_(?P<branch>[a-z]|\d+)"

PATTERNS: Mapping[str, re.Pattern[str]] = {
    role: re.compile(pattern + r"\.npy")
    for role, pattern in {
        # DFC: where the rows of a diagonal table lie; the second name is of the first releases.
        "index": r"ref2index_(?:[xyzt]+\d+i\d+|L\d+_d\d+)",
        # SPF-LUT with AutoLUT: one sampler and one residual for all table sets of the folder.
        "shared": rf"(?P<part>sampler|residual){_PLACE}",
        # SR-LUT, and its sampler for every interval when trained with AutoLUT.
        "single": r"(?P<set>Model_(?P<branch>[SFV])_x\d+_\d+bit_int8)",
        "single sampler": r"(?P<set>Model_(?P<branch>S)_x\d+)_autosample",
        # SPF-LUT: the table across channels.
        "channels": r"(?P<set>.+)_s5_channel",
        # MuLUT, AutoLUT, SPF-LUT, and their DFC forms.
        "table": rf"(?P<set>.+?){_PLACE}(?:_(?P<part>compress1|compress2|sampler|residual))?",
    }.items()
}
"""What each kind of file is called; the first pattern that fits the whole name decides."""

EXAMPLES = "Model_S_x4_4bit_int8.npy, LUT_ft_x4_4bit_int8_s1_s.npy or weight_s1c0_s_compress1.npy"
"""Names to show to a user whose folder holds nothing known."""

_SIZES = re.compile(r"(?:_x(?P<scale>\d+)|_sigma\d+|_qf\d+)?_(?P<bits>\d+)bit_int8$")
_FINE_TUNED = re.compile(r"(^weight|_ft)(_|$)")


class Place(NamedTuple):
    """Where in the network a table is used."""

    stage: int
    channel: int
    branch: str


@dataclass(frozen=True)
class NamedFile:
    """A file whose name says what it holds.

    Parameters
    ----------
    path, role : Path and str
        The file, and the key of :data:`PATTERNS` that its name fits.
    set_name : str
        What the names of one model's tables begin with; empty where several sets share.
    place : Place
        Where in the network it belongs; stage 1 for SR-LUT.
    part : str
        "" for a table, else "compress1", "compress2", "sampler" or "residual".
    mark : str
        How the name writes the channel: "", "c" or "_c".
    """

    path: Path
    role: str
    set_name: str
    place: Place
    part: str
    mark: str


def parse(path: Path) -> NamedFile | None:
    """Tell a file's role from its name; None for a name that no published program writes."""
    for role, pattern in PATTERNS.items():
        if match := pattern.fullmatch(path.name):
            fields = {key: value for key, value in match.groupdict().items() if value}
            stage, channel = int(fields.get("stage", 1)), int(fields.get("channel", 0))
            return NamedFile(
                path=path,
                role=role,
                set_name=fields.get("set", ""),
                place=Place(stage, channel, fields.get("branch", "")),
                part=fields.get("part", "sampler" if role == "single sampler" else ""),
                mark=fields.get("mark", ""),
            )
    return None


def scale_of(set_name: str) -> int | None:
    """Upscaling factor, where the name says it."""
    return _number(set_name, "scale")


def bits_of(set_name: str) -> int | None:
    """The k of "k bit", where the name says it: tables are sampled every ``2 ** k`` values."""
    return _number(set_name, "bits")


def is_fine_tuned(set_name: str) -> bool:
    """Whether these are a model's tables after fine-tuning."""
    return bool(_FINE_TUNED.search(set_name))


def _number(set_name: str, group: str) -> int | None:
    match = _SIZES.search(set_name)
    text = match[group] if match else None
    return int(text) if text else None
