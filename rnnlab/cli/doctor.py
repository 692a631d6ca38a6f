"""``rnnlab doctor``: what this machine has, and what would run where."""

import os
import platform
from importlib import metadata

import click
import torch

from rnnlab import __version__
from rnnlab.data import sheets
from rnnlab.data.files import VARIABLE, folder

#: The libraries that something of the course needs, and what.
_NEEDED_FOR = {
    "numpy": "figures",
    "matplotlib": "figures",
    "scikit-learn": "the digits",
    "babel": "the dates",
    "safetensors": "checkpoints",
    "tqdm": "progress bars",
    "d2l": "comparison with Dive into Deep Learning",
    "jupyter-book": "building the book",
    "nbval": "checking the notebooks",
}


@click.command()
def doctor() -> None:
    """Show versions, device, threads and data, and say what would run where.

    \b
    Example:
      rnnlab doctor
    """  # noqa: D301
    faults = 0
    _show("rnnlab", __version__)
    _show("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    _show("torch", f"{torch.__version__}")
    for name, use in _NEEDED_FOR.items():
        try:
            _show(name, metadata.version(name))
        except metadata.PackageNotFoundError:
            faults += 1
            _show(name, f"not installed: needed for {use}")
    click.echo()
    _show("CPU", f"{os.cpu_count()} cores, {torch.get_num_threads()} threads used by torch")
    _show("vector unit", torch.backends.cpu.get_cpu_capability())
    if torch.cuda.is_available():
        for k in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(k)
            _show(f"GPU {k}", f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB")
        _show("runs on", "the GPU, unless you say --device cpu")
    else:
        _show("GPU", "none that torch can use")
        _show("runs on", "the CPU; everything in the course does")
    click.echo()
    chosen = os.environ.get(VARIABLE)
    _show("data folder", f"{folder()}" + (f" (from {VARIABLE})" if chosen else ""))
    for sheet in sheets.SHEETS:
        if not sheet.bundled:
            try:
                here = "not here: rnnlab data fetch " if sheets.missing(sheet) else "here: "
                _show(sheet.name, here + sheet.name)
            except ValueError as error:
                faults += 1
                _show(sheet.name, f"DAMAGED: {error}")
    if faults:
        click.echo(f"\n{faults} to look at; what does not need them runs all the same")
    else:
        click.echo("\nnothing is missing")


def _show(label: str, text: str) -> None:
    click.echo(f"{label:14} {text}")
