"""Units as files spell them, against what they are."""

from __future__ import annotations

import pytest

from napari_autolut.io.units import MICRONS, converted, known_unit, seconds_of


@pytest.mark.parametrize(
    ("text", "microns"),
    [
        *[(text, 1.0) for text in ("µm", "μm", "um", "uM", "micron", "microns", "Micron",
                                   "micrometer", "micrometers", "Micrometre", "micrometres",
                                   "\\u00B5m", "\\u00b5m", "Âµm", " um ", "(µm)", "[um]")],
        *[(text, 1e-3) for text in ("nm", "NM", "nanometer", "nanometers", "nanometres")],
        *[(text, 1e-4) for text in ("Å", "\u212b", "\\u00C5", "\\u212B",
                                    "angstrom", "Angstroms", "A")],
        *[(text, 1e3) for text in ("mm", "millimeter", "Millimetres")],
        *[(text, 1e4) for text in ("cm", "centimeter", "centimetres")],
        *[(text, 1e6) for text in ("m", "meter", "metres")],
        *[(text, 25400.0) for text in ("in", "inch", "inches", "Inch")],
        ("pm", 1e-6), ("picometer", 1e-6), ("fm", 1e-9), ("dm", 1e5), ("km", 1e9), ("Mm", 1e12),
        ("kilometers", 1e9), ("ft", 304800.0), ("feet", 304800.0), ("thou", 25.4),
    ],
)  # fmt: skip
def test_lengths(text, microns) -> None:
    unit, factor = known_unit(text)
    assert unit is not None
    assert factor * MICRONS[unit] == pytest.approx(microns, rel=1e-12)


@pytest.mark.parametrize(
    "text", [None, "", " ", "pixel", "pixels", "reference frame", "degrees", "sec", 7, "µ", "s"]
)
def test_what_is_no_length(text) -> None:
    assert known_unit(text) == (None, 1.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *[(text, 1.0) for text in ("s", "sec", "secs", "second", "seconds", "Sec")],
        *[(text, 1e-3) for text in ("ms", "msec", "msecs", "millisecond", "milliseconds")],
        *[(text, 1e-6) for text in ("µs", "us", "μs", "usec", "microseconds", "\\u00B5s")],
        *[(text, 60.0) for text in ("min", "mins", "minute", "minutes", "Min")],
        *[(text, 3600.0) for text in ("h", "hr", "hrs", "hour", "hours")],
        *[(text, 86400.0) for text in ("d", "day", "days")],
        ("ns", 1e-9), ("nanoseconds", 1e-9), ("ps", 1e-12),
    ],
)  # fmt: skip
def test_times(text, seconds) -> None:
    assert seconds_of(text) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize("text", [None, "", "frame", "frames", "pixel", "µm"])
def test_what_is_no_time(text) -> None:
    assert seconds_of(text) is None


def test_equal_units_change_no_number() -> None:
    assert converted(0.1, "µm", "µm") == 0.1
    assert converted(1.5, "mm", "µm") == 1500.0
