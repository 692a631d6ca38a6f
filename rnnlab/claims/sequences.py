"""Claims about whole sequences, settled by result files: C16, C17, C18, C22."""

from typing import Any

from rnnlab.claims.claim import Claim, Evidence, Load, mean


def _both_directions(load: Load) -> Evidence:
    found = load("direction_cost")
    parameters, times = found["parameter_ratios"], found["time_ratios"]
    seconds = [
        ratios[cell]["both directions"]["median"] for ratios in times.values() for cell in ratios
    ]
    deep = [
        ratios["two layers, both directions"] / ratios["two layers"]
        for ratios in parameters.values()
    ]
    one = [ratios["both directions"] for ratios in parameters.values()]
    numbers = {
        "one": max(one),
        "deep": mean(deep),
        "fastest": min(seconds),
        "slowest": max(seconds),
    }
    return Evidence(
        "one layer: {one:.1f} times the parameters, {fastest:.1f} to {slowest:.1f} times the "
        "time; two layers: {deep:.1f} times the parameters",
        numbers,
        min(one) == max(one) == 2 and min(deep) > 2.2 and 1.5 < min(seconds) <= max(seconds) < 2.5,
    )


def _shares(found: dict[str, Any], model: str, lengths: tuple[int, int]) -> list[float]:
    """For each seed the share of exact outputs over some lengths."""
    low, high = lengths
    inside = [n for n, length in enumerate(found["lengths"]) if low <= length <= high]
    runs = found["tasks"]["reverse"][model]["exact"]
    return [mean(run[n] for n in inside) for run in runs]


def _bottleneck(load: Load) -> Evidence:
    found = load("lengths")
    models = {"every": "context at every step", "twice": "twice the units", "att": "attention"}
    long = {name: _shares(found, model, (12, 12)) for name, model in models.items()}
    numbers = {name: mean(shares) for name, shares in long.items()}
    numbers["short"] = mean(_shares(found, models["every"], (1, 3)))
    return Evidence(
        "reversed without a fault: {short:.0%} of up to 3 symbols, {every:.0%} of 12, {twice:.0%} "
        "with twice the units; with attention {att:.0%} of 12",
        numbers,
        numbers["short"] > 0.9
        and max(long["every"]) < min(long["twice"]) < 0.2
        and min(long["att"]) > 0.95,
    )


def _beyond(load: Load) -> Evidence:
    found = load("lengths")
    longest, trained = max(found["lengths"]), found["trained_lengths"][1]
    shares = _shares(found, "attention", (longest, longest))
    return Evidence(
        "attention, trained on up to {trained} symbols: {beyond:.0%} of {longest} symbols "
        "without a fault",
        {"trained": trained, "longest": longest, "beyond": mean(shares)},
        mean(shares) < 0.5,
    )


def _context(load: Load) -> Evidence:
    found = load("lengths")
    low, high = found["trained_lengths"]
    start = _shares(found, "context at the start", (low, high))
    every = _shares(found, "context at every step", (low, high))
    return Evidence(
        "reversing up to {high} symbols without a fault: {start:.0%} with the context at the "
        "start, {every:.0%} with it at every step",
        {"high": high, "start": mean(start), "every": mean(every)},
        min(every) > max(start),
    )


def _padding(load: Load) -> Evidence:
    found = load("padding")
    runs = found["classifiers"]["1, trained told"]
    numbers = {
        "told": max(run["told_differs_by"] for run in runs),
        "right": mean(run["accuracy"]["told"][0] for run in runs),
        "padded": mean(run["accuracy"]["not told"][-1] for run in runs),
        "steps": found["extra_padding"][-1],
    }
    return Evidence(
        "told the lengths, padding changes the outputs by {told:.0f}; not told, {right:.0%} right "
        "becomes {padded:.0%} with {steps} more steps of padding",
        numbers,
        numbers["told"] == 0 and numbers["padded"] < 0.5 * numbers["right"],
    )


CLAIMS = (
    Claim(
        "C16",
        "bidirection doubles parameters and compute",
        "holds if",
        "There is one layer. The layers above read both directions, and have more than twice as "
        "many. The time is a little less than doubled, as some of it is not the cells'.",
        ("direction_cost",),
        ("both-cost",),
        _both_directions,
    ),
    Claim(
        "C17a",
        "a single context vector limits seq2seq as inputs grow",
        "holds if",
        "The training is given: longer training or more units move the limit, and do not remove "
        "it.",
        ("lengths",),
        ("seq2seq-bottleneck",),
        _bottleneck,
    ),
    Claim(
        "C17b",
        "attention removes the limit",
        "holds if",
        "The lengths were trained on. Beyond them attention fails too.",
        ("lengths",),
        ("att-lengths",),
        _beyond,
    ),
    Claim(
        "C18",
        "the decoder should be given the context at every step",
        "holds if",
        "The training is short, as it was here: it learns sooner, in every seed. Whether the "
        "other way catches up was not measured.",
        ("lengths",),
        ("seq2seq-every-step",),
        _context,
    ),
    Claim(
        "C22",
        "padding does not change the result",
        "holds if",
        "The lengths are told, and the batch is packed or masked.",
        ("padding",),
        ("shapes-c22",),
        _padding,
    ),
)
