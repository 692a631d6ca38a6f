"""The pictures of decisions: the rules of all diagrams, and what each branch rests on."""

import math
from statistics import mean, median

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch
from pictures import (  # noqa: F401
    drawing,
    pytest_generate_tests,
    test_each_picture_keeps_the_rules_of_all_diagrams,
    test_the_same_call_gives_the_same_bytes_and_another_picture_others,
)

from rnnlab import diagrams, results
from rnnlab.diagrams.deciding import BRANCHES
from rnnlab.palette import ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

DRAWINGS = {"which cell": diagrams.which_cell, "handed on": diagrams.handed_on}
LEAVES = [leaf for branch in BRANCHES for leaf in branch.leaves]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.choice)
def test_every_end_of_the_tree_is_drawn_and_names_a_result_file(leaf):
    shown = {text.get_text() for text in diagrams.which_cell().texts}
    assert {leaf.answer, leaf.choice, leaf.measured} <= shown
    file = leaf.measured.split(",")[0].split(":")[0]
    assert results.load(file)["benchmark"] == f"benchmarks/{file}.py"


def better(task, cell, hidden):
    """The runs of a setting at the better of its two learning rates."""
    found = [
        setting["runs"]
        for setting in results.load("choosing")["settings"]
        if (setting["task"], setting["cell"], setting["hidden"]) == (task, cell, hidden)
    ]
    assert len(found) == 2
    return min(found, key=loss)


def loss(runs):
    return mean([run["held_out_nats"][-1] for run in runs])


def test_on_the_text_the_rnn_is_ahead_at_equal_parameters_and_at_equal_time():
    def milliseconds(runs):
        return median(run["milliseconds_per_update"] for run in runs)

    rnn = better("text", "rnn", 128)
    n = math.log(rnn[0]["recurrent_parameters"])
    for cell in ("lstm", "gru"):
        sizes = [better("text", cell, hidden) for hidden in (32, 64, 128)]
        counts = [math.log(runs[0]["recurrent_parameters"]) for runs in sizes]
        assert loss(rnn) < np.interp(n, counts, [loss(runs) for runs in sizes])
        assert milliseconds(rnn) < milliseconds(sizes[1])  # in its time, only smaller ones are done
        assert loss(rnn) < loss(sizes[1])


def test_what_the_other_ends_say_is_what_the_files_hold():
    gated = [loss(better("intents", cell, 64)) for cell in ("lstm", "gru")]
    behind = loss(better("intents", "rnn", 64)) - max(gated)
    assert behind > 3 * abs(gated[0] - gated[1])
    bits = results.load("predicting")["held_out_bits_per_character"]
    assert min(bits["rnn"]) > max(*bits["lstm"], *bits["gru"])
    cells = results.load("gaps")["cells"]

    def solved(name, gap):
        return [run["right"] >= 0.99 for run in cells[name][str(gap)]]

    assert all(solved("LSTM, forget bias 3", 20))
    assert not any(solved("LSTM, forget bias 0", 20))

    def solved_order(name):
        (setting,) = (
            s
            for s in results.load("remembering")["settings"]
            if (s["task"], s["network_name"], s["gap"]) == ("order", name, 50)
        )
        return mean([run["solved_after"] is not None for run in setting["runs"]])

    assert solved_order("GRU") > 0.5 > solved_order("LSTM")


def test_what_is_handed_on_is_filled_and_what_is_not_is_open():
    ax = diagrams.handed_on()
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    filled = [box for box in boxes if to_hex(box.get_facecolor()) == ROLES["hidden"].colour]
    assert len(boxes) == 6
    assert len(filled) == 4
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("copied") == 2
    assert {"thrown away", "new", "$E$", r"$\theta$"} <= set(texts)


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_a_picture_goes_into_a_given_axes_and_has_an_alternative_text(draw):
    _, ax = plt.subplots()
    assert draw(ax=ax) is ax
    assert len(plt.get_fignums()) == 1
    assert len(draw.__doc__.split("Alternative text: ")[1].split()) > 40
