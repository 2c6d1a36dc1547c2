"""What a user installs: wheels that hold everything, and an environment that stays as it was.

Slow (they build, and install into environments of their own), and they need the package index.
"""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from skimage import data, io

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Source archive, and the wheel made from it, of the committed or working tree."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, ROOT)
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


def wanted_files():
    """Every file of the three package folders that an installation needs."""
    for source, package in (
        ("src/napari_autolut", "napari_autolut"),
        ("training/autolut_training", "autolut_training"),
        ("luts", "napari_autolut/luts"),
    ):
        for path in (ROOT / source).rglob("*"):
            if path.suffix in {".py", ".yaml", ".toml", ".safetensors", ".typed", ".md", ".csv"}:
                yield f"{package}/{path.relative_to(ROOT / source).as_posix()}"


@pytest.mark.timeout(600)
def test_the_wheel_holds_everything(built):
    _, wheel = built
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    missing = [name for name in wanted_files() if name not in names]
    assert not missing
    assert "napari_autolut/napari.yaml" in names
    assert any(name.endswith(".safetensors") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "napari_autolut",
        "autolut_training",
    }


@pytest.mark.timeout(600)
def test_a_wheel_of_the_tree_is_that_of_the_source_archive(built, tmp_path):
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT)
    (direct,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(direct) as one, zipfile.ZipFile(built[1]) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())
        licences = {name.rpartition("/")[2] for name in one.namelist() if "/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE.md"}


@pytest.mark.timeout(600)
def test_an_editable_installation_finds_all_three_folders(tmp_path):
    run(sys.executable, "-m", "venv", tmp_path / "env")
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(python, "-m", "pip", "install", "-q", "--no-deps", "-e", ROOT)
    code = "import importlib.util as u, sys; print(*(u.find_spec(m).origin for m in sys.argv[1:]))"
    modules = ("napari_autolut.engine", "napari_autolut.luts", "autolut_training.api")
    found = run(python, "-c", code, *modules, cwd=tmp_path).split()
    wanted = ("src/napari_autolut/engine/__init__.py", "luts/__init__.py")
    assert [Path(path).resolve() for path in found] == [
        (ROOT / path).resolve() for path in (*wanted, "training/autolut_training/api.py")
    ]


@pytest.mark.timeout(600)
def test_the_source_archive_holds_licence_and_readme(built):
    sdist, _ = built
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "NOTICE.md", "README.md", "pyproject.toml"} <= names


@pytest.mark.timeout(1200)
def test_installs_beside_napari_and_runs(built, tmp_path):
    """In an environment with napari: none of its packages moves, and the shell command works."""
    _, wheel = built
    environment = tmp_path / "env"
    run(sys.executable, "-m", "venv", environment)
    scripts = environment / ("Scripts" if sys.platform == "win32" else "bin")
    pip = (scripts / "python", "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "-q", "napari[pyqt6]")
    before = run(*pip, "freeze").splitlines()
    run(*pip, "install", "-q", wheel)
    after = run(*pip, "freeze").splitlines()
    assert not set(before) - set(after), "packages that napari brought were moved"
    assert not any(line.lower().startswith("torch") for line in after)

    picture = data.astronaut()[100:140, 200:260]
    io.imsave(tmp_path / "in.png", picture)
    command = scripts / "napari-autolut"
    run(command, "upscale", tmp_path / "in.png", tmp_path / "out.png", cwd=tmp_path)
    enlarged = io.imread(tmp_path / "out.png")
    assert enlarged.shape == (160, 240, 3) and enlarged.dtype == np.uint8
    smaller = enlarged.reshape(40, 4, 60, 4, 3).mean((1, 3))
    assert abs(smaller - picture).mean() < 4, "the result shows something else"
    assert "natural-x4" in run(command, "models", cwd=tmp_path)
    without_torch = subprocess.run(
        [str(command), "train", str(tmp_path), "--scale", "2", "--out", "x.safetensors"],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert without_torch.returncode == 2
    assert "napari-autolut[train]" in without_torch.stderr
    assert len(without_torch.stderr.splitlines()) == 1
    run(scripts / "python", "-m", "npe2", "validate", "napari-autolut", cwd=tmp_path)
