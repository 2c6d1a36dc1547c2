"""A training by its request: ``python -m autolut_training REQUEST.toml``, also under torchrun.

Belongs here: nothing but the start; ``napari-autolut train ... --request FILE`` writes a request.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from napari_autolut.cli.command_group import CommandGroup
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.trainer import training_api

app = typer.Typer(
    cls=CommandGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"allow_interspersed_args": True},
)


@app.callback(invoke_without_command=True)
def main(
    request: Annotated[Path, typer.Argument(metavar="REQUEST.toml")],
    json_events: Annotated[
        bool, typer.Option("--json-events", help="Report as JSON lines on stdout.")
    ] = False,
) -> None:
    """Train the table that a request asks for, together with the processes torchrun started."""
    api = training_api()
    from autolut_training.loop.distributed import together

    with together():
        api.train_request(TrainRequest.read(request), json_events=json_events)


if __name__ == "__main__":
    app(prog_name="autolut_training")
