"""Puts measured tables into pages, between the comments that mark their place."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def get(marker: str, page: Path = README) -> str:
    """What stands between ``<!-- marker -->`` and ``<!-- /marker -->`` in a page."""
    content = page.read_text("utf-8")
    found = re.search(f"<!-- {re.escape(marker)} -->\n(.*?)<!-- /", content, re.DOTALL)
    if found is None:
        raise SystemExit(f"{page.name} has no place marked <!-- {marker} -->")
    return found[1]


def put(marker: str, text: str, page: Path = README) -> None:
    """Replace what stands between ``<!-- marker -->`` and ``<!-- /marker -->`` in a page."""
    start, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    content = page.read_text("utf-8")
    pattern = re.escape(start) + ".*?" + re.escape(end)
    if not re.search(pattern, content, re.DOTALL):
        raise SystemExit(f"{page.name} has no place marked {start} ... {end}")
    block = f"{start}\n{text.strip()}\n{end}"
    page.write_text(re.sub(pattern, lambda _: block, content, flags=re.DOTALL), "utf-8")


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
