"""What is in a folder. Belongs here: what tests of folders share."""

from __future__ import annotations

from pathlib import Path


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
