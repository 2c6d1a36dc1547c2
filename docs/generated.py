"""Parts of the pages that are made of the program itself, so that they cannot go stale.

Belongs here: what replaces a line ``<!-- generated: NAME -->`` of a page while mkdocs builds. The
commands come from their own options, the models from their cards, speeds from the README.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import typer
import yaml

from napari_autolut.cli.app import app
from napari_autolut.cli.command_group import PROGRAM
from napari_autolut.model import LutModel
from napari_autolut.storage import SUFFIX, load_model_file

ROOT = Path(__file__).parents[1]
LUTS = ROOT / "luts"
TEXTS = ("trained on", "recipe")
"""Columns of the page of tables that the cards have too."""

MARK = re.compile(r"<!-- generated: (\w+) -->")


def on_page_markdown(markdown: str, **_: object) -> str:
    """Stands in for the hook of mkdocs: the page with its marks replaced."""
    return MARK.sub(lambda match: PARTS[match[1]](), markdown)


# --- commands --------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its arguments and options."""
    group: Any = typer.main.get_command(app)
    return "\n".join(line for command in group.commands.values() for line in _command(command))


def _command(command: Any) -> Iterator[str]:
    context = typer.Context(command, info_name=f"{PROGRAM} {command.name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    yield f"## {command.name}\n"
    yield f"```text\n{usage}\n```\n"
    yield f"{_paragraphs(command.help)}\n"
    yield "| option | what it does |\n| --- | --- |"
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None:
            yield f"| <code>{_cell(record[0])}</code> | {_cell(record[1])} |"
    yield ""


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _cell(text: str) -> str:
    """Text that a Markdown table takes as it is."""
    return html.escape(" ".join(text.replace(" <path>", "").split()), quote=False).replace(
        "|", "&#124;"
    )


def preferences() -> str:
    """Give the entries of napari's page, from the plugin's manifest."""
    manifest = yaml.safe_load((ROOT / "src" / "napari_autolut" / "napari.yaml").read_text("utf-8"))
    lines = ["| setting | what it does | by default |", "| --- | --- | --- |"]
    for page in manifest["contributions"]["configurations"].values():
        for entry in page["properties"].values():
            what = _cell(entry["description"])
            if "enum" in entry:
                what += f" One of: {', '.join(entry['enum'])}."
            lines.append(f"| {entry['title']} | {what} | {entry['default']} |")
    return "\n".join(lines)


# --- models ----------------------------------------------------------------------------------


def model_figures() -> str:
    """Figures of all shipped tables, from the page that the benchmark writes, without the texts."""
    lines = (LUTS / "README.md").read_text("utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    kept = [number for number, name in enumerate(rows[0]) if name not in TEXTS]
    return "\n".join(f"| {' | '.join(row[number] for number in kept)} |" for row in rows)


def model_cards() -> str:
    """What the cards of the shipped tables say, a section for each."""
    models = [load_model_file(path) for path in sorted(LUTS.glob(f"*{SUFFIX}"))]
    return "\n".join(_card(model) for model in sorted(models, key=lambda model: model.name))


def _card(model: LutModel) -> str:
    card = model.card
    entries = {
        "Trained on": card.training_data,
        "Made again by": f"`{card.recipe}`",
        "Terms": card.licence,
        "Date": card.date,
    }
    lines = [f"### {card.name}\n", f"{card.description}\n"]
    lines += [f"- {name}: {text}" for name, text in entries.items() if text.strip("`")]
    return "\n".join([*lines, ""])


# --- figures ---------------------------------------------------------------------------------


def measured(name: str) -> str:
    """What the last measurement of that name found: it is in the README."""
    readme = (ROOT / "README.md").read_text("utf-8")
    return readme.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0].strip()


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "preferences": preferences,
    "model_figures": model_figures,
    "model_cards": model_cards,
    "speed": partial(measured, "speed"),
    "networks": partial(measured, "networks"),
}
