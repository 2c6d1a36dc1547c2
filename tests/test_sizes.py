"""Files and functions stay small enough to be read."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = [
    path
    for room in ("src", "training", "benchmarks", "docs")
    for path in sorted((ROOT / room).rglob("*.py"))
]

MAX_LINES, MAX_PARAMETERS = 300, 8


def test_files_are_short():
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


def parameters(function):
    """How many a caller can give."""
    names = function.args
    every = [*names.posonlyargs, *names.args, *names.kwonlyargs, names.vararg, names.kwarg]
    return [each.arg for each in every if each is not None and each.arg not in ("self", "cls")]


def is_kernel_of_a_card(function):
    return any("triton.jit" in ast.unparse(each) for each in function.decorator_list)


def test_functions_have_few_parameters():
    """NamedTuples carry the rest.

    Others: what users call with one option each, as typer wants them, and kernels of a card.
    Triton 3.0, which torch 2.4 brings, takes no tuples.
    """
    long = {
        (path.stem, node.name)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and len(parameters(node)) > MAX_PARAMETERS
        and not is_kernel_of_a_card(node)
    }
    commands = {(name, name) for name in ("denoise", "isotropic", "train", "upscale")}
    assert long == commands | {("upscaling", "upscale")}
