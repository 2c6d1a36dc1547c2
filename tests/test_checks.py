"""What is checked elsewhere, in workflows and before commits, is what ``make`` checks here."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
MKDOCS = (ROOT / "mkdocs.yml").read_text("utf-8")
TARGETS = set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))
MATRIX = "${{ matrix.target }}"


WORKFLOWS = ROOT / ".github/workflows"


def jobs(workflow):
    return yaml.safe_load(workflow.read_text("utf-8"))["jobs"]


def commands(workflow):
    for job in jobs(workflow).values():
        matrix = job.get("strategy", {}).get("matrix", {})
        targets = [
            *matrix.get("target", []),
            *(each["target"] for each in matrix.get("include", [])),
        ]
        for step in job.get("steps", []):
            if (command := step.get("run")) is not None:
                yield from [command.replace(MATRIX, each) for each in targets] or [command]


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda p: p.stem)
def test_workflows_run_what_make_has(path):
    for command in commands(path):
        make, target, *variables = command.split()
        others = {f"test-{name}" for name in ("pyside", "oldest", "candidate")}
        assert make == "make" and target in TARGETS | others
        assert all("=" in each for each in variables)


def test_windows_can_draw_before_its_tests_run():
    """GitHub's Windows has OpenGL 1.1 alone."""
    *_, display, make = jobs(WORKFLOWS / "test.yml")["test"]["steps"]
    assert "setup-headless-display" in display["uses"] and display["if"] == "runner.os == 'Windows'"
    assert "make" in make["run"]


def test_nothing_is_published_before_all_systems_were_tested():
    release = jobs(WORKFLOWS / "release.yml")
    needed = [release[each].get("uses") for each in release["publish"]["needs"]]
    assert "./.github/workflows/test.yml" in needed


def test_a_dead_link_ends_make_docs():
    """mkdocs counts what it logs as a warning: of what is not logged, strict knows nothing."""
    (command,) = re.findall(r"mkdocs build (.*)", MAKEFILE)
    assert "--strict" in command and not re.search(r"(^| )(-q|--quiet)\b", command)
    checks = re.search(r"^validation:\n((?: .*\n)+)", MKDOCS, re.MULTILINE)[1]
    assert yaml.safe_load(checks)["anchors"] == "warn"


def test_commits_are_checked_as_make_lint_does():
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1]
    tools = set(re.findall(r"\$\(BIN\)/([\w-]+)", recipe))
    (targets,) = re.findall(r"\$\(MAKE\) -s (.*)", recipe)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0][
        "hooks"
    ]
    entries = " ".join(hook["entry"] for hook in hooks)
    assert {tool for tool in tools if f".venv/bin/{tool}" not in entries} == set()
    assert {each for each in targets.split() if f"make {each}" not in entries} == set()


def test_actions_are_pinned():
    """A tag can be moved to other code, a commit cannot; the comment is what dependabot reads."""
    uses = [
        line.split("uses:")[1].strip()
        for path in (ROOT / ".github").rglob("*.yml")
        for line in path.read_text("utf-8").splitlines()
        if re.match(r"\s*(- )?uses: [^.]", line)  # not those of this repository
    ]
    assert [
        each for each in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v[\d.]+", each)
    ] == []
    assert len({each.split("@")[0] for each in uses}) == len(set(uses)) > 0


def test_modules_that_checks_make_exceptions_of_are_there():
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    modules = {name for each in tools["mypy"]["overrides"] for name in each["module"]}
    ours = {name for name in modules if name.startswith(("napari_autolut", "autolut_training"))}
    paths = {name: name.removesuffix(".*").replace(".", "/") for name in ours}
    roots = ROOT / "src", ROOT / "training"
    found = {
        name
        for name, path in paths.items()
        if any((root / path).is_dir() or (root / f"{path}.py").is_file() for root in roots)
    }
    assert ours == found != set()
    files = [name for name in tools["ruff"]["lint"]["per-file-ignores"] if "*" not in name]
    assert [name for name in files if not (ROOT / name).is_file()] == []
