"""Claims about what is remembered, settled by result files: C11, C14, C21."""

from typing import Any

from rnnlab.claims.claim import Claim, Evidence, Load, mean


def solved(found: dict[str, Any], name: str, task: str, gap: int) -> float:
    """The share of runs of a setting that solved their task.

    Args:
        found: The result ``remembering`` or ``variants``.
        name: The network's name.
        task: ``"copy"``, ``"adding"``, ``"order"`` or ``"reber"``.
        gap: One of the task's gaps.

    Raises:
        ValueError: No such setting.
    """
    for row in found["settings"]:
        if (row["task"], row["gap"]) == (task, gap) and name in row.values():
            return mean(run["solved_after"] is not None for run in row["runs"])
    raise ValueError(f"expected a setting that was measured, got {name!r}, {task!r}, gap {gap}")


def _shares_at(load: Load, gap: str) -> dict[str, float]:
    """For each cell of the result ``gaps`` the mean share of right answers over a gap."""
    cells = load("gaps")["cells"]
    return {name: mean(run["right"] for run in runs[gap]) for name, runs in cells.items()}


def _forget_bias(load: Load) -> Evidence:
    shares = _shares_at(load, "20")
    numbers = {
        "zero": shares["LSTM, forget bias 0"],
        "one": shares["LSTM, forget bias 1"],
        "three": shares["LSTM, forget bias 3"],
    }
    return Evidence(
        "a letter over 20 blanks: {zero:.0%} right with forget bias 0 (a guess: 12 %), {one:.0%} "
        "with 1, {three:.0%} with 3",
        numbers,
        numbers["zero"] <= numbers["one"] < 0.5 and numbers["three"] > 0.9,
    )


def _very_long(load: Load) -> Evidence:
    short, long = _shares_at(load, "5"), _shares_at(load, "80")
    gated = [name for name in short if name != "RNN"]
    return Evidence(
        "the worst of GRU and three LSTMs: {short:.0%} right over 5 blanks; the best of them: "
        "{long:.0%} over 80, which is a guess",
        {"short": min(short[name] for name in gated), "long": max(long[name] for name in gated)},
        min(short[name] for name in gated) > 0.95 and max(long[name] for name in gated) < 0.3,
    )


def _gates(load: Load) -> Evidence:
    found = load("variants")
    losses = {held: mean(nats) for held, nats in found["text"]["held_out_nats"].items()}
    numbers = {
        "near_reset": losses["reset"] - losses["none"],
        "near_update": losses["update"] - losses["none"],
        "far_reset": solved(found, "GRU, reset gate held at 1", "order", 50),
        "far_update": solved(found, "GRU, update gate held at 0", "order", 50),
        "short": solved(found, "GRU, reset gate held at 1", "order", 25),
    }
    return Evidence(
        "without its reset gate a GRU loses {near_reset:.2f} nats on text, without its update gate "
        "{near_update:.2f}; the order of two symbols over 50 steps is learned by {far_reset:.0%} "
        "without the reset gate and {far_update:.0%} without the update gate, and over 25 steps "
        "by {short:.0%} without the reset gate",
        numbers,
        numbers["near_reset"] > numbers["near_update"]
        and numbers["far_reset"] > numbers["far_update"] + 0.5,
    )


CLAIMS = (
    Claim(
        "C11",
        "reset gates serve short-range, update gates long-range dependency",
        "holds if",
        "It is asked what is lost when a gate is held, and near means the next letter of a text. "
        "Memory tasks miss the reset gate at no gap.",
        ("variants",),
        ("memory-gates",),
        _gates,
    ),
    Claim(
        "C14",
        "GRU and LSTM still lose information over very long gaps",
        "holds",
        "Over 80 blanks none of them learned to remember one letter, in ten seeds.",
        ("gaps",),
        ("bptt-stands-still",),
        _very_long,
    ),
    Claim(
        "C21",
        "initialising the forget gate's bias at 1 or above helps memory",
        "holds",
        "The higher it is, the longer the gap that is learned; 1 may be too little.",
        ("gaps",),
        ("bptt-stands-still",),
        _forget_bias,
    ),
)
