"""``rnnlab data``: what there is to train on."""

import textwrap

import click

from rnnlab.data import sheets
from rnnlab.data.files import VARIABLE, fetch, folder
from rnnlab.data.time_machine import FILE

_NAMES = click.Choice([sheet.name for sheet in sheets.SHEETS])


@click.group()
def data() -> None:
    """List, describe, download and check the data sets.

    \b
    Examples:
      rnnlab data list
      rnnlab data describe dates
    """  # noqa: D301


@data.command("list")
def list_() -> None:
    """List the data sets, and which of them are not here yet.

    \b
    Example:
      rnnlab data list
    """  # noqa: D301
    for sheet in sheets.SHEETS:
        try:
            here = f"not here: rnnlab data fetch {sheet.name}" if sheets.missing(sheet) else ""
        except ValueError as error:
            here = f"DAMAGED: {error}"
        click.echo(f"{sheet.name:14} {sheet.title}" + (f"  ({here})" if here else ""))


@data.command()
@click.argument("name", type=_NAMES)
def describe(name: str) -> None:
    """Show the datasheet of a data set.

    \b
    Example:
      rnnlab data describe intents-zh
    """  # noqa: D301
    sheet = sheets.sheet(name)
    absent = sheets.missing(sheet)
    facts = {
        "origin": sheet.origin,
        "licence": sheet.licence,
        "size": "not here" if absent else sheet.size(),
        "splits": sheet.splits,
        "limits": sheet.limits,
        "example": "not here" if absent else sheet.example(),
    }
    click.echo(f"{sheet.name}: {sheet.title}\n")
    for label, text in facts.items():
        lines = textwrap.wrap(text, 84) or [""]
        click.echo(f"{label:9} " + "\n          ".join(lines))


@data.command("fetch")
@click.argument("name", type=_NAMES)
def fetch_(name: str) -> None:
    """Download a data set that does not come with the package, and check it.

    \b
    Example:
      rnnlab data fetch time-machine
    """  # noqa: D301
    if sheets.sheet(name).bundled:
        click.echo(f"{name} needs no download")
    else:
        click.echo(f"{name} is at {fetch(FILE)}")


@data.command()
def verify() -> None:
    """Load every data set and check what can be checked; the exit code is 1 if one is damaged.

    \b
    Example:
      rnnlab data verify
    """  # noqa: D301
    damaged = 0
    for sheet in sheets.SHEETS:
        try:
            absent = sheets.missing(sheet)
            state = f"not here (set {VARIABLE}, or fetch it)" if absent else sheet.size()
        except (OSError, ValueError) as error:
            damaged += 1
            state = f"DAMAGED: {error}"
        click.echo(f"{sheet.name:14} {state}")
    click.echo(f"files are kept in {folder()}")
    if damaged:
        raise click.exceptions.Exit(1)
