"""Numbers as they are typed in the shell: the same on every computer, whatever its language.

Belongs here: reading one number, or several with commas between them. A point is the decimal sign
and a comma separates, always: "0,8" could be one number or two. Which numbers an option takes is
said where the option is used.
"""

from __future__ import annotations

import re

import typer

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
WORDS = ("nan", "inf", "-inf")
"""Numbers too: an option that takes none of them says which it takes."""

WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)

WITH_A_POINT = "a comma separates numbers, and decimals come after a point"


def number(text: str | float) -> float:
    """Read an option that is one number; a default comes as it is.

    Raises
    ------
    typer.BadParameter
        If it is none.
    """
    if isinstance(text, str) and not (NUMBER.fullmatch(text.strip()) or text in WORDS):
        comma = f"; {WITH_A_POINT}" if "," in text else ""
        raise typer.BadParameter(f"found {text!r}, expected a number such as 2.5{comma}")
    return float(text)


def whole_number(text: str | int) -> int:
    """Read an option that is a whole number; a default comes as it is.

    Raises
    ------
    typer.BadParameter
        If it is none.
    """
    if isinstance(text, str) and not WHOLE.fullmatch(text.strip()):
        raise typer.BadParameter(f"found {text!r}, expected a whole number such as 80")
    return int(text)


def numbers(option: str, text: str, count: tuple[int, ...], expected: str) -> tuple[float, ...]:
    """Read an option that is several numbers with commas between them.

    Parameters
    ----------
    option : str
        Its name, for the message.
    text : str
        What was typed.
    count : tuple of int
        How many there may be.
    expected : str
        What there should be, with an example.

    Returns
    -------
    tuple of float
        The numbers.

    Raises
    ------
    ValueError
        If they are not so many, or not all of them numbers.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in count or not all(map(NUMBER.fullmatch, parts)):
        comma = f"; {WITH_A_POINT}" if len(parts) > max(count) or ";" in text else ""
        raise ValueError(f"{option}: found {text!r}, expected {expected}{comma}")
    return tuple(map(float, parts))
