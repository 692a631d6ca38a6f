"""Claims about which cell to choose, settled by result files: C5, C8, C9.

Of the two learning rates that were tried for a setting, the one with the lesser mean loss counts.
"""

from typing import Any

from rnnlab import parameters
from rnnlab.claims.claim import Claim, Evidence, Load, mean


def best(found: dict[str, Any], task: str, cell: str, hidden: int) -> list[dict[str, Any]]:
    """The runs of a setting at the better of its learning rates.

    Args:
        found: The result ``choosing``.
        task: ``"text"``, ``"intents"`` or ``"pixels"``.
        cell: ``"rnn"``, ``"lstm"`` or ``"gru"``.
        hidden: Number of hidden units.

    Raises:
        ValueError: No such setting.
    """
    rows = [
        row["runs"]
        for row in found["settings"]
        if (row["task"], row["cell"], row["hidden"]) == (task, cell, hidden)
    ]
    if not rows:
        raise ValueError(f"expected a setting that was measured, got {task}, {cell}, {hidden}")
    return min(rows, key=_loss)


def _loss(runs: list[dict[str, Any]]) -> float:
    return mean(run["held_out_nats"][-1] for run in runs)


def _right(runs: list[dict[str, Any]]) -> float:
    return mean(run["held_out_right"][-1] for run in runs)


def _time(runs: list[dict[str, Any]]) -> float:
    return mean(run["milliseconds_per_update"] for run in runs)


def _not_always(load: Load) -> Evidence:
    found = load("choosing")
    rnn, lstm = (best(found, "text", cell, 64) for cell in ("rnn", "lstm"))
    return Evidence(
        "the book's next character, 64 units, equal updates: the simple RNN loses {rnn:.2f} nats, "
        "the LSTM {lstm:.2f}, and takes {times:.1f} times as long",
        {"rnn": _loss(rnn), "lstm": _loss(lstm), "times": _time(lstm) / _time(rnn)},
        _loss(rnn) < _loss(lstm),
    )


def _short(load: Load) -> Evidence:
    found = load("choosing")
    text = {cell: _loss(best(found, "text", cell, 128)) for cell in ("rnn", "lstm")}
    asked = {cell: _right(best(found, "intents", cell, 128)) for cell in ("rnn", "lstm")}
    return Evidence(
        "128 units: within {gap:.0%} of the LSTM's loss on text in pieces of 35 characters; but of "
        "utterances of a few words it understands {rnn:.0%}, the LSTM {lstm:.0%}",
        {"gap": text["rnn"] / text["lstm"] - 1, "rnn": asked["rnn"], "lstm": asked["lstm"]},
        text["rnn"] / text["lstm"] - 1 < 0.05 and asked["lstm"] - asked["rnn"] > 0.1,
    )


def _three_quarters(load: Load) -> Evidence:
    ratios = load("step_time")["ratios"]
    found = load("choosing")
    losses = {
        task: _loss(best(found, task, "gru", 128)) / _loss(best(found, task, "lstm", 128))
        for task in ("text", "intents", "pixels")
    }
    share = parameters.count("gru", 28, 256) / parameters.count("lstm", 28, 256)
    ours, library = (ratios[name]["gru/lstm"]["median"] for name in ("scratch", "torch"))
    return Evidence(
        "{share:.2f} of the LSTM's parameters; {ours:.2f} of its time in rnnlab.scratch, "
        "{library:.2f} in torch.nn; its loss over the LSTM's, 128 units: {text:.2f} (text), "
        "{intents:.2f} (intents), {pixels:.2f} (pixels)",
        {"share": share, "ours": ours, "library": library, **losses},
        share == 0.75 and ours < 1 < library and max(losses.values()) < 1.15,
    )


def _more_data(load: Load) -> Evidence:
    found = load("choosing")
    little = {cell: _loss(best(found, "text", cell, 64)) for cell in ("lstm", "gru")}
    bits = load("predicting")["held_out_bits_per_character"]
    return Evidence(
        "600 updates on the book's text, 64 units: GRU {gru:.2f} nats, LSTM {lstm:.2f}; 2800 on "
        "all of The Time Machine, 256 units: GRU {grus:.2f} bits, LSTM {lstms:.2f}",
        {**little, "grus": mean(bits["gru"]), "lstms": mean(bits["lstm"])},
        little["gru"] < little["lstm"] and max(bits["lstm"]) < min(bits["gru"]),
    )


CLAIMS = (
    Claim(
        "C5a",
        "the LSTM is always better than the simple RNN, so always use the LSTM",
        "does not hold",
        "On this text the simple RNN is better with as many units, and cheaper.",
        ("choosing",),
        ("choosing-rules",),
        _not_always,
    ),
    Claim(
        "C5b",
        "the simple RNN does very well on short sequences at lower cost",
        "holds if",
        "What counts is near. Where the meaning hangs on the order of a whole, even if short, it "
        "falls behind.",
        ("choosing",),
        ("choosing-rules",),
        _short,
    ),
    Claim(
        "C8",
        "a GRU has three quarters of the LSTM's parameters, trains faster, and is about as good",
        "holds if",
        "The parameters hold always. The time depends on the library. As good it was on all three "
        "tasks, or better.",
        ("step_time", "choosing"),
        ("gru-against-lstm", "choosing-rules"),
        _three_quarters,
    ),
    Claim(
        "C9",
        "try GRU first; swap in the LSTM when tuning stalls; with enough data the LSTM wins",
        "holds if",
        "Little training favours the GRU, much the LSTM, in the one pair that was measured; with "
        "it changed more than the amount of data.",
        ("choosing", "predicting"),
        ("choosing-rules",),
        _more_data,
    ),
)
