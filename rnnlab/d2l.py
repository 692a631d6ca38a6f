"""The classic edition of Dive into Deep Learning with the layers of this course.

``d2l==0.17.0`` is the release that has its API: ``load_data_time_machine``, ``RNNModelScratch``,
``RNNModel``, ``train_ch8``. It needs two faults worked around: it imports torchvision, which its
sequence models never touch and which it does not ask for; and it calls a function of IPython that
has moved. Nothing else in `rnnlab` imports d2l.
"""

import importlib
import importlib.util
import sys
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab import scratch
from rnnlab.data.files import fetch
from rnnlab.data.time_machine import FILE
from rnnlab.models import CellKind

#: A state as D2L's scratch models carry it.
State = tuple[Tensor, ...]

LSTMS = (nn.LSTM, scratch.LSTM)


@cache
def load() -> ModuleType:
    """Import ``d2l.torch``, with its faults worked around.

    Its *Time Machine* then is the one that `rnnlab.data.load_time_machine` finds.

    Raises:
        ModuleNotFoundError: d2l is not installed.
    """
    stand_ins = _stand_ins() if importlib.util.find_spec("torchvision") is None else {}
    sys.modules.update(stand_ins)
    d2l: Any = importlib.import_module("d2l.torch")
    for name in stand_ins:
        del sys.modules[name]  # whoever else asks for torchvision shall learn that it is not there
    d2l.use_svg_display = _use_svg_display
    download = d2l.download

    def from_here(name: str, *args: Any, **kwargs: Any) -> str:
        """Find *The Time Machine* as this course does, everything else as D2L does."""
        return str(fetch(FILE)) if name == "time_machine" else download(name, *args, **kwargs)

    d2l.download = from_here
    module: ModuleType = d2l
    return module


def _stand_ins() -> dict[str, ModuleType]:
    """Empty modules in the place of those that d2l imports: importing works, using them fails."""
    torchvision: Any = ModuleType("torchvision", "A stand-in: torchvision is not installed.")
    torchvision.transforms = ModuleType("torchvision.transforms", torchvision.__doc__)
    return {"torchvision": torchvision, "torchvision.transforms": torchvision.transforms}


def _use_svg_display() -> None:
    """Show figures as SVG in a notebook, as D2L's function of this name did with older IPythons."""
    from matplotlib_inline.backend_inline import set_matplotlib_formats  # noqa: PLC0415

    set_matplotlib_formats("svg")


def scratch_model(cell: CellKind, vocab_size: int, num_hiddens: int, device: torch.device) -> Any:
    """Make D2L's ``RNNModelScratch`` over one of our cells, in place of those of its chapters.

    Args:
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        vocab_size: Number of tokens.
        num_hiddens: Number of hidden units.
        device: Where to compute.

    Returns:
        The model, which ``train_ch8`` and ``predict_ch8`` take.
    """
    cells = {"rnn": scratch.RNNCell, "lstm": scratch.LSTMCell, "gru": scratch.GRUCell}
    ours: nn.Module = cells[cell](vocab_size, num_hiddens).to(device)
    decoder = nn.Linear(num_hiddens, vocab_size).to(device)

    def get_params(*_: Any) -> list[nn.Parameter]:
        return [*ours.parameters(), *decoder.parameters()]

    def init_state(batch_size: int, hidden: int, device: torch.device) -> State:
        zeros = torch.zeros(batch_size, hidden, device=device)
        return (zeros, zeros.clone()) if cell == "lstm" else (zeros,)

    def forward(inputs: Tensor, state: State, _: list[nn.Parameter]) -> tuple[Tensor, State]:
        outputs = []
        for x in inputs:
            following = ours(x, state if cell == "lstm" else state[0])
            state = following if cell == "lstm" else (following,)
            outputs.append(decoder(state[0]))
        return torch.cat(outputs), state

    return load().RNNModelScratch(vocab_size, num_hiddens, device, get_params, init_state, forward)


def concise_model(layer: nn.Module, vocab_size: int) -> nn.Module:
    """Make D2L's ``RNNModel`` over one of our layers, or over one of ``torch.nn``'s.

    D2L tells an LSTM by its being a ``torch.nn.LSTM``; here, its state tells.

    Args:
        layer: A recurrent layer with ``vocab_size`` inputs.
        vocab_size: Number of tokens.

    Returns:
        The model, which ``train_ch8`` and ``predict_ch8`` take.
    """
    d2l = load()

    class RNNModel(d2l.RNNModel):  # type: ignore[misc, name-defined]
        """D2L's model, with a zero state for LSTMs of either kind."""

        def begin_state(self, device: torch.device, batch_size: int = 1) -> Any:
            layers = self.num_directions * self.rnn.num_layers
            zeros = torch.zeros(layers, batch_size, self.num_hiddens, device=device)
            return (zeros, zeros.clone()) if isinstance(self.rnn, LSTMS) else zeros

    model: nn.Module = RNNModel(layer, vocab_size)
    return model
