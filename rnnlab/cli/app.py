"""The command line as a whole: its commands, and how errors end it.

Exit codes: 0 done, 1 a fault in what was given or found, 2 a command that was not understood, 130
stopped by Ctrl-C.
"""

import sys
import traceback

import click

from rnnlab import __version__
from rnnlab.cli.data import data
from rnnlab.cli.doctor import doctor
from rnnlab.cli.exercise import exercise
from rnnlab.cli.params import params
from rnnlab.cli.train import train
from rnnlab.cli.use import evaluate, generate

#: Faults that a message in one line explains; anything else is a fault of ours.
EXPECTED = (ValueError, TypeError, OSError, FloatingPointError, ModuleNotFoundError)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="rnnlab")
def cli(debug: bool) -> None:
    """Train, measure and use the models of the rnnlab course.

    \b
    Examples:
      rnnlab train --task time-machine --cell lstm
      rnnlab train --task intents --language zh --save my-work/intents.safetensors
      rnnlab generate my-work/book.safetensors --prompt "The hidden state"
      rnnlab params lstm 28 256
      rnnlab exercise start lstm-step
      rnnlab doctor
    """  # noqa: D301 - click reads \b as: keep these lines


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes your shell complete rnnlab's commands and options.

    \b
    Examples:
      rnnlab completion bash >> ~/.bashrc
      rnnlab completion fish > ~/.config/fish/completions/rnnlab.fish
    """  # noqa: D301
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    kind = get_completion_class(shell)
    if kind is None:
        raise ValueError(f"expected a shell of bash, zsh or fish, got {shell!r}")
    click.echo(kind(cli, {}, "rnnlab", "_RNNLAB_COMPLETE").source())


for command in (train, evaluate, generate, params, data, exercise, doctor):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Those of the process if None.

    Returns:
        The exit code.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = cli.main(arguments, prog_name="rnnlab", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("rnnlab: stopped", err=True)
        return 130
    except BrokenPipeError:  # the reader of our output, such as head, has seen enough
        sys.stderr.close()
        return 0
    except EXPECTED as error:
        if "--debug" in arguments:
            traceback.print_exc()
        else:
            message = " ".join(str(error).split())
            click.echo(f"rnnlab: {message or type(error).__name__}", err=True)
        return 1
    return code if isinstance(code, int) else 0
