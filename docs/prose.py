"""Docstrings as prose: what stands behind the colon of a parameter here is text, not a type.

Belongs here: an extension of griffe that turns the sections of numpydoc docstrings into Markdown
lists before they are shown. Types are in the signature, which is shown above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import griffe

HEADING = re.compile(r"^(Parameters|Returns|Yields|Raises|Warns)\n-{3,}\n", re.MULTILINE)
ROLE = re.compile(r":\w+:`~?([^`]+)`")
ENTRY = re.compile(r"^(?P<names>[\w, *`~]+?)(?: : (?P<text>.*))?$")


class Prose(griffe.Extension):
    """Rewrites every docstring that is loaded."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Stands in for the extension's event."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(docstring: str) -> str:
    """Give the docstring with lists in place of its sections."""
    text = ROLE.sub(r"`\1`", docstring)
    first, *sections = HEADING.split(text)
    parts = [first]
    for heading, body in zip(sections[::2], sections[1::2], strict=True):
        listed = heading not in ("Returns", "Yields")
        parts.append(f"**{heading}**\n\n{_listed(body) if listed else body.strip()}\n")
    return "\n".join(parts)


def _listed(body: str) -> str:
    """An item for each entry; text that follows the entries stays as it is."""
    entries = [_item(lines) for lines in _entries(body)]
    return "\n".join(entries)


def _entries(body: str) -> Iterator[list[str]]:
    """Lines of each entry: one that is not indented, and the indented ones below it."""
    lines: list[str] = []
    for line in body.strip("\n").splitlines():
        if line and not line.startswith(" ") and lines:
            yield lines
            lines = []
        lines.append(line)
    if lines:
        yield lines


def _item(lines: list[str]) -> str:
    text = " ".join(line.strip() for line in lines[1:]).strip()
    entry = ENTRY.match(lines[0])
    if entry is None:
        return f"\n{' '.join(line.strip() for line in lines)}"
    names = ", ".join(f"`{name.strip()}`" for name in entry["names"].split(","))
    words = [part for part in (entry["text"], text) if part]
    return f"- {names}: {_joined(words)}" if words else f"- {names}"


def _joined(words: list[str]) -> str:
    """The text behind the colon and the one below it: one sentence, or two."""
    if len(words) == 1:
        return words[0]
    stop = "" if words[0][-1] in ".:;," or words[1][:1].islower() else "."
    return f"{words[0]}{stop} {words[1]}"
