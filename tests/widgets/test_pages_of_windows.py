"""What the pages say of windows stands there: menus, buttons, fields, and what a dock says."""

import ast
import re
from pathlib import Path

import pytest
from napari.layers import Image

from napari_autolut.layers import DenoiseTask
from napari_autolut.samples.opening import fluorescence_noisy
from napari_autolut.widgets.denoise.noise.text import found_text

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MANIFEST = ROOT / "src/napari_autolut/napari.yaml"
PAGES = [
    *sorted(DOCS.glob("howto/*.md")),
    *sorted(DOCS.glob("users/*.md")),
    *(DOCS / f"{name}.md" for name in ("index", "tutorial", "noisy-stack", "troubleshooting")),
    DOCS / "when-not-to-use-it.md",
    ROOT / "README.md",
]
SOURCES = [file for room in ("src", "training") for file in (ROOT / room).rglob("*.py")]

ELSEWHERE = {
    "Install",  # the plugin manager's button
    "Scale Bar Visible",  # older versions of napari
    *("Merge to RGB", "Split RGB", "Split Stack"),  # napari's menu of a layer
    "Image > Show Info...",  # Fiji
}
"""What stands in other windows."""

NEW = "View > Scale Bar > Toggle Scale Bar"
"""Called otherwise in older versions of napari, as the page says."""

VERBS = r"(?:[Pp]ress|[Tt]icks?|[Uu]nder|[Oo]ffers|[Cc]hoose|[Bb]utton|[Uu]nfolds?)"


def words(text):
    return " ".join(text.replace("&", "").split())


def without_code(page):
    return re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)


def spans(page, mark):
    """What a page has between marks of emphasis, in the midst of a line."""
    text = without_code(page)
    pattern = (
        rf"(?<![*\w])(?<!^- ){re.escape(mark)}(?=[^\s*])([^*]+?)(?<=[^\s*]){re.escape(mark)}(?!\*)"
    )
    return [words(found) for found in re.findall(pattern, text, re.MULTILINE)]


def entries(menu):
    """The texts of a menu, and for those that open one its own."""
    menu.aboutToShow.emit()
    return {
        words(action.text()).replace("\N{LEFT-TO-RIGHT MARK}", ""): action.menu()
        for action in menu.actions()
    }


def is_in_menus(path, bar):
    """Whether a path leads through menus; entries may go on behind what is named."""
    level = {words(action.text()): action.menu() for action in bar.actions()}
    for name in path.split(" > "):
        found = [menu for text, menu in level.items() if text.startswith(name)]
        if not found:
            return False
        level = {} if found[0] is None else entries(found[0])
    return True


def test_menus_that_pages_name_exist(real_viewer):
    bar = real_viewer.window._qt_window.menuBar()
    paths = {
        path
        for page in PAGES
        for mark in ("**", "*")
        for path in spans(page, mark)
        if " > " in path and path not in ELSEWHERE
    }
    assert len(paths) > 15
    paths -= set() if is_in_menus(NEW, bar) else {NEW}
    assert {path for path in paths if not is_in_menus(path, bar)} == set()


@pytest.fixture(scope="module")
def texts():
    """All that the program may say, in one piece."""
    literals = {
        node.value
        for file in SOURCES
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return "\n".join(map(words, [*literals, MANIFEST.read_text("utf-8")]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_words_of_windows_that_a_page_quotes_are_the_program_s(page, texts):
    """Those in italics with a capital letter, but sentences; and bold ones that are pressed."""
    said = {text for text in spans(page, "*") if text[:1].isupper() and len(text) < 60}
    said |= set(re.findall(rf"{VERBS}\s+\*\*([^*]+)\*\*", without_code(page)))
    for text in {words(text) for text in said} - ELSEWHERE:
        if " > " not in text:  # a menu
            assert all(part in texts for part in text.split(": ")), text


@pytest.mark.parametrize("name", ["filaments (noisy)", "nuclei (noisy)"])
def test_the_noise_of_the_sample_is_what_its_page_says(name):
    page = words((DOCS / "noisy-stack.md").read_text("utf-8"))
    (layer,) = [
        Image(data, **meta) for data, meta, *_ in fluorescence_noisy() if meta["name"] == name
    ]
    found = DenoiseTask.of(layer).find_noise()
    assert f"*{name}: {found_text(found)}*" in page
