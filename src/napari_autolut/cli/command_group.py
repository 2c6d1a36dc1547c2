"""How every command ends: what goes to stderr, and the exit status.

Belongs here: errors, warnings and Ctrl-C, the same for all commands. Each command is in a file of
its own.

0 when all went well; 1 when some files of a folder, or images of a Zarr, failed; 2 with one line on
stderr when something is wrong with what the user gave; 130 with one line after Ctrl-C, 143 after
SIGTERM. Anything else is a fault of the program and ends in a traceback.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TextIO

import typer
from typer.core import TyperGroup

from napari_autolut.cli.output import echo, prepare_streams, print_nowhere
from napari_autolut.cli.signals import ending_alike, exit_status, stopped_by
from napari_autolut.storage import UnknownModelError
from napari_autolut.util.errors import FILE_ERRORS, error_message
from napari_autolut.util.optional import MissingDependencyError
from napari_autolut.util.paths import FILE_ADDRESS, user_path

PROGRAM = "napari-autolut"
SOME_FAILED, USER_ERROR = 1, 2

EMPTY = "found an empty argument, as of a variable that is not set; give a name, or leave it out"

QUOTATION_MARK = (
    "found {}, expected no quotation mark in it; leave out the \\ before the one that ends a path"
)
"""Windows takes the two for a mark of the path's own; PowerShell completes names of folders so."""

ONE_PATH = (
    "put a path with spaces and numbers with commas in quotes, and give many files as their folder"
)
"""PowerShell makes an argument of each number."""

USER_ERRORS = (*FILE_ERRORS, UnknownModelError, MissingDependencyError)
"""ValueError is what every part of the package raises on bad input."""

OVERWRITE = "allow --overwrite"
"""What replaces an output that exists: every command that writes one has the option."""

NUMPYS_WORDS = ".* encountered in |Mean of empty slice|Degrees of freedom"
"""Warnings of arithmetic with extreme numbers; what it means for an image is said by ourselves."""

USAGE_ERROR: type[Any] = typer.BadParameter.__bases__[0]
"""click's UsageError, which typer has under different names in its versions."""


class CommandGroup(TyperGroup):
    """Commands that end with one line instead of a usage text or a traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and exit with its status."""
        prepare_streams()
        args = sys.argv[1:] if args is None else list(args)
        try:
            if "" in args:  # as a path it would be the folder one is in
                raise typer.BadParameter(EMPTY)
            if sys.platform == "win32":
                args = [_from_a_shell_of_windows(each) for each in args]
            args = [_path_of_address(each) for each in args]
            with ending_alike():
                status = super().main(
                    args, prog_name, complete_var, False, windows_expand_args, **extra
                )
        except USAGE_ERROR as error:
            message = error.format_message().replace("Value error, ", "")  # typer's, of choices
            message = message.removesuffix(".")  # the sentence goes on
            hint = f"; {ONE_PATH}" if "unexpected extra argument" in message else ""
            _say(f"{message}{hint}{_usage(error.ctx)}")
            status = USER_ERROR
        except OSError as error:  # of what typer printed; those of files became lines in invoke()
            _say(f"standard output: {error_message(error)}")
            status = USER_ERROR
        status = _flushed(status if isinstance(status, int) else 0)
        if not standalone_mode:
            return status
        sys.exit(status)

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Read the arguments, for which typer loads libraries."""
        with _interruption_said():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command; what the user can put right becomes one line."""
        with warnings.catch_warnings(), _interruption_said():
            warnings.showwarning = partial(_show_warning, set())
            warnings.filterwarnings("ignore", NUMPYS_WORDS, RuntimeWarning)
            try:
                return super().invoke(ctx)
            except BrokenPipeError:
                raise  # the reader of our output has gone: click ends quietly
            except USER_ERRORS as error:
                _say(error_message(error, overwrite=OVERWRITE))
                raise typer.Exit(USER_ERROR) from error


def _from_a_shell_of_windows(argument: str) -> str:
    """Take ~ for the home folder, as other systems' shells do before a program sees it."""
    if '"' in argument:
        raise typer.BadParameter(QUOTATION_MARK.format(argument))
    return str(user_path(argument)) if argument.startswith(("~/", "~\\")) else argument


def _path_of_address(argument: str) -> str:
    """Take ``file:///home/a.tif``, as file managers copy it, for a path, as fields of docks do."""
    option, sign, value = argument.partition("=") if argument[:2] == "--" else ("", "", argument)
    return f"{option}{sign}{user_path(value)}" if FILE_ADDRESS.fullmatch(value) else argument


def _usage(ctx: Any) -> str:
    """How a command is called: its places, and the options that it cannot do without."""
    if ctx is None:
        return " (see --help)"
    places = [
        each.metavar if each.param_type_name == "argument" else f"{each.opts[0]} {each.metavar}"
        for each in ctx.command.params
        if each.param_type_name == "argument" or each.required
    ]
    usage = f"; usage: {' '.join([ctx.command_path, *places])}" if places else ""
    return f"{usage} (see {ctx.command_path} --help)"


def _flushed(status: int) -> int:
    """Write what waits in a buffer, and give the exit status; a failure is said once."""
    try:
        echo()
    except OSError as error:
        print_nowhere(sys.stdout)
        if not status:
            _say(error_message(error))
        return status or USER_ERROR
    return status


@contextmanager
def _interruption_said() -> Iterator[None]:
    """Make one line of Ctrl-C: typer ends without a word, or with an empty one."""
    try:
        yield
    except KeyboardInterrupt as error:
        _say(str(error) or f"{stopped_by()}; nothing was written")
        raise typer.Exit(exit_status()) from error


def _show_warning(
    said: set[str],
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Stands in for `warnings.showwarning`; what was said stays unsaid for all that is alike."""
    if (text := f"warning: {message}") not in said:
        said.add(text)
        _say(text)


def _say(text: str) -> None:
    line = " ".join(part.strip() for part in text.splitlines())
    echo(f"{PROGRAM}: {line}", to_stderr=True)
