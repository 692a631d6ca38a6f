"""Claims about time, settled by result files: C6, C15."""

from rnnlab.claims.claim import Claim, Evidence, Load


def _slower(load: Load) -> Evidence:
    ratios = load("step_time")["ratios"]
    library, ours = (ratios[name]["lstm/rnn"] for name in ("torch", "scratch"))
    return Evidence(
        "an LSTM's training step takes {library:.1f} times an RNN's in torch.nn, {ours:.1f} times "
        "in rnnlab.scratch",
        {"library": library["median"], "ours": ours["median"]},
        min(library["low"], ours["low"]) > 1.5 and max(library["high"], ours["high"]) < 4,
    )


def _over_time(load: Load) -> Evidence:
    found = load("parallel_scan")["shapes"]["small"]
    lengths, calls = found["lengths"], found["calls"]
    first, last = lengths[0], lengths[-1]
    gru, tree = calls["GRU, torch.nn"], calls["minGRU, tree"]
    growth = (gru[-1] - gru[0]) / (last - first)
    numbers = {
        "each": growth,
        "first": first,
        "last": last,
        "few": tree[0],
        "many": tree[-1],
        "faster": found["over_tree"]["GRU, torch.nn"][-1]["median"],
    }
    steady = all(
        (b - a) / (m - n) == growth
        for a, b, n, m in zip(gru, gru[1:], lengths, lengths[1:], strict=False)
    )
    return Evidence(
        "a GRU needs {each:.0f} more calls for each step, one after the other; a minGRU's tree "
        "{few} calls for {first} steps and {many} for {last}, and there is {faster:.0f} times as "
        "fast",
        numbers,
        steady and growth > 1 and tree[-1] < 2 * tree[0] and numbers["faster"] > 1,
    )


CLAIMS = (
    Claim(
        "C6",
        "LSTM trains much more slowly than the simple RNN on the same machine",
        "holds",
        "About twice the time, though four times the multiplications. How many updates each needs "
        "is another question: see C5 and C9.",
        ("step_time",),
        ("fast-limit", "choosing-parameters"),
        _slower,
    ),
    Claim(
        "C15",
        "a GRU (like any RNN of this family) cannot be computed in parallel over time",
        "holds",
        "A step's gates need the state before it. Gates that do not look at it, as in minGRU, can "
        "be; and batch, input projection and layers can be in any case.",
        ("parallel_scan",),
        ("fast-time", "fast-scan"),
        _over_time,
    ),
)
