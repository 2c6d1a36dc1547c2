"""Running the shell command inside the test's process."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from napari_autolut.cli.app import app


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], prog_name="napari-autolut")


def succeeds(*args: object) -> str:
    result = run(*args)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def fails(*args: object) -> str:
    """The one line on stderr."""
    result = run(*args)
    assert result.exit_code == 2 and result.stdout == "", result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("napari-autolut: "), result.stderr
    return lines[0]
