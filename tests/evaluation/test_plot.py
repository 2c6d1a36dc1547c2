from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_autolut.evaluation.methods import Comparison, MethodResult
from napari_autolut.evaluation.plot.drawing import Dot, Drawing, Line, Text, as_svg, write_drawing
from napari_autolut.evaluation.plot.labels import Place
from napari_autolut.evaluation.plot.panels import WITH_TABLES, WITHOUT, plot
from napari_autolut.evaluation.scores import Score


def result(name: str, nbytes: int, milliseconds: float | None, psnr: float) -> MethodResult:
    score = Score(psnr, 0.9)
    return MethodResult(name, nbytes, milliseconds, score, (score,))


def comparison(*models: MethodResult, scale: int = 4) -> Comparison:
    plain = (result("bicubic", 0, 50, 28.43), result("Lanczos", 0, 20, 28.81))
    return Comparison(scale, ("a",), (*plain, *models))


def boxes(drawing: Drawing, names: set[str]) -> list[tuple[float, float, float, float]]:
    return [Place(m).box for m in drawing.marks if isinstance(m, Text) and m.text in names]


def crossing(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_every_method_is_there_twice_and_better_is_higher() -> None:
    models = result("small", 60_000, 30, 30.77), result("large", 2_000_000, 90, 31.03)
    drawing = plot(comparison(*models), "x4 on 5 images")
    texts = [mark.text for mark in drawing.marks if isinstance(mark, Text)]
    for name in ("bicubic", "Lanczos", "small", "large"):
        assert texts.count(name) == 2
    assert {"x4 on 5 images", "100 KB", "1 MB", "50 ms", "29", "30", "31"} <= set(texts)
    dots = [mark for mark in drawing.marks if isinstance(mark, Dot)]
    small, large, bicubic, lanczos, small_again, large_again = dots
    assert large.x > small.x and large.y < small.y < bicubic.y
    assert large_again.x > bicubic.x > small_again.x > lanczos.x
    assert [dot.colour for dot in dots[:3]] == [WITH_TABLES, WITH_TABLES, WITHOUT]
    level = [m for m in drawing.marks if isinstance(m, Line) and m.dashed]
    assert sorted(line.y0 for line in level) == sorted((bicubic.y, lanczos.y))


@pytest.mark.parametrize("number", [1, 2, 5, 9])
def test_names_do_not_cover_each_other(number: int) -> None:
    rng = np.random.default_rng(number)
    models = [
        result(f"a-model-{i}", int(1e6 * rng.uniform(0.8, 1.2)), rng.uniform(80, 120), 30 + i / 20)
        for i in range(number)
    ]
    names = {model.method for model in models} | {"bicubic", "Lanczos"}
    drawing = plot(comparison(*models), "title")
    found = boxes(drawing, names)
    assert len(found) == 2 * len(names)
    assert not [pair for pair in combinations(found, 2) if crossing(*pair)]
    assert all(b[0] > 0 and b[1] > 0 and b[2] < drawing.width and b[3] < drawing.height
               for b in found)  # fmt: skip


def test_what_has_no_place_is_left_out() -> None:
    found = Comparison(
        1,
        ("a",),
        (
            MethodResult("input", 0, None, Score(math.inf, 1), (Score(math.inf, 1),)),
            result("one", 10, 100, 30),
        ),
    )
    texts = [mark.text for mark in plot(found, "t").marks if isinstance(mark, Text)]
    assert texts.count("one") == 2 and "input" not in texts


def test_files_hold_the_marks(tmp_path: Path) -> None:
    marks = (
        Line(10, 50, 90, 50, "#ff0000", 2),
        Dot(50, 25, 5, "#0000ff"),
        Dot(80, 25, 5, "#0000ff", filled=False),
        Text(5, 90, "a < b & c", 12, "#000000"),
    )
    drawing = Drawing(100, 100, marks)
    root = ET.fromstring(as_svg(drawing))
    assert root.attrib["viewBox"] == "0 0 100 100"
    assert [child.tag.partition("}")[2] for child in root][1:] == [
        "line",
        "circle",
        "circle",
        "text",
    ]
    assert root[-1].text == "a < b & c"

    write_drawing(drawing, tmp_path / "any.tmp", ".png")
    with Image.open(tmp_path / "any.tmp") as opened:
        picture = np.asarray(opened)
    assert picture.shape == (200, 200, 3)
    assert picture[100, 100].tolist() == [255, 0, 0]
    assert picture[50, 100].tolist() == [0, 0, 255]
    assert picture[50, 160].tolist() == [255, 255, 255]
    assert (picture[165:185, 10:120] < 128).any()
