"""``rnnlab params``."""

import click

from rnnlab import parameters
from rnnlab.cli.common import CELLS


@click.command()
@click.argument("cell", type=CELLS)
@click.argument("input_size", type=click.IntRange(1))
@click.argument("hidden_size", type=click.IntRange(1))
@click.option("--layers", type=click.IntRange(1), default=1, show_default=True)
@click.option("--bidirectional", is_flag=True)
@click.option(
    "--biases",
    type=click.IntRange(0, 2),
    default=2,
    show_default=True,
    help="For each gate: 2 as PyTorch keeps them, 1 as in the equations.",
)
@click.option(
    "--projection", type=click.IntRange(0), default=0, help="Size that an LSTM's h is projected to."
)
def params(
    cell: parameters.Kind,
    input_size: int,
    hidden_size: int,
    layers: int,
    bidirectional: bool,
    biases: int,
    projection: int,
) -> None:
    """Count the parameters of a recurrent layer, tensor by tensor.

    \b
    Examples:
      rnnlab params lstm 28 256
      rnnlab params gru 100 128 --layers 2 --bidirectional
    """  # noqa: D301
    click.echo(
        parameters.ledger(
            cell,
            input_size,
            hidden_size,
            layers,
            biases=biases,
            bidirectional=bidirectional,
            proj_size=projection,
        )
    )
