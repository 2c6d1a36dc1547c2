"""What the pages say to type runs: Python, and commands of the shell up to their options."""

import re
import shlex
import shutil
import textwrap
from contextlib import nullcontext
from pathlib import Path

import dask.array as da
import numpy as np
import pytest
import typer

from napari_autolut.cli.app import app
from tests.isotropic.stacks import anisotropic
from tests.pictures import picture

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
ELSEWHERE = {
    "provenance.md": "tests/cli/test_info.py runs it on results",
    "noisy-stack.md": "needs napari's console",
}


def blocks(page, language):
    """Code of a page in its order; that of a tab is indented."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", page.read_text("utf-8"), re.M | re.S)
    return [textwrap.dedent(code) for _, code in found]


WITH_PYTHON = [page for page in PAGES if blocks(page, "python") and page.name not in ELSEWHERE]


@pytest.fixture
def names(monkeypatch, tmp_path):
    """What pages take for granted: images, files beside them, a cluster that is this process."""
    monkeypatch.chdir(tmp_path)
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "Client", lambda _: nullcontext())
    frames = np.random.default_rng(0).poisson(picture((12, 24, 24)) / 4 + 2).astype(np.uint16)
    da.from_array(frames[0]).to_zarr("slide.zarr", component="0")
    for sigma, name in ((10, "mine-20"), (3, "mine-5")):
        shutil.copy(ROOT / f"luts/denoise-{sigma}-light.safetensors", f"{name}.safetensors")
    return {
        "image": picture((32, 32)),
        "photo": picture((32, 32, 3)),
        **dict.fromkeys(("stack", "frames"), frames),
        "dark": frames[0] // 4,
        "show": np.shape,
        "np": np,
    }


@pytest.mark.filterwarnings("ignore::napari_autolut.noise.NoiseWarning")
@pytest.mark.filterwarnings("ignore::napari_autolut.isotropic.IsotropicWarning")
@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.stem)
def test_python_of_a_page_runs(page, names):
    """From its first line to its last, as a reader would type it."""
    if page.name == "isotropic.md":
        names["stack"] = anisotropic()[:, :32, :32]
    if page.name == "export.md":
        pytest.importorskip("onnxruntime")
    for code in blocks(page, "python"):
        exec(code, names)


def test_commands_of_the_pages_are_read():
    """No argument is missing, none is too many, and every value is of its kind."""
    commands = typer.main.get_command(app).commands
    read = 0
    for page in PAGES:
        for line in "".join(blocks(page, "sh")).splitlines():
            program, *words = shlex.split(line, comments=True) or [""]
            if program == "napari-autolut":
                commands[words[0]].make_context(words[0], words[1:])
                read += 1
    assert read > 40
