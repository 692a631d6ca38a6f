"""The parameters of a whole model: embedding, recurrent layers, linear layer.

The recurrent layers are counted by `rnnlab.parameters`.
"""

from typing import Any

from rnnlab.parameters import Kind, count


def model_parts(
    kind: Kind,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    *,
    symbols: int = 0,
    classes: int = 0,
    **options: Any,
) -> dict[str, int]:
    """Count the parameters of a model, part by part.

    Args:
        kind: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        input_size: Features that the recurrent layer reads; with an embedding, its size.
        hidden_size: Number of hidden units.
        num_layers: Layers stacked.
        symbols: Different symbols of an embedding in front; 0 for none.
        classes: Outputs of a linear layer behind; 0 for none.
        **options: biases, bidirectional, proj_size, as for `rnnlab.parameters.count`.

    Returns:
        Part to count; a part that is not there has 0.

    Raises:
        TypeError: As `rnnlab.parameters.count`.
        ValueError: As `rnnlab.parameters.count`, or a number of symbols or classes below 0.
    """
    if symbols < 0 or classes < 0:
        raise ValueError(f"expected symbols and classes of at least 0, got {symbols} and {classes}")
    layers = count(kind, input_size, hidden_size, num_layers, **options)
    width = options.get("proj_size", 0) or hidden_size
    width *= 2 if options.get("bidirectional", False) else 1
    return {
        "embedding": symbols * input_size,
        "recurrent layers": layers,
        "linear layer": classes * (width + 1),
    }
