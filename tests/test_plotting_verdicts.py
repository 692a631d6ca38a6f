"""Verdicts are in the column that says so, with a mark of their own."""

import pytest
from figures import assert_drawn_inside
from matplotlib.colors import to_hex

from rnnlab import plotting
from rnnlab.claims import CLAIMS
from rnnlab.plotting.verdicts import LOOKS

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

FOUND = {"C1": ("one", "holds"), "C2": ("two", "a convention"), "C3": ("three", "holds if")}


def test_each_claim_has_its_mark_in_the_column_of_its_verdict():
    ax = plotting.verdicts(FOUND)
    columns = [label.get_text().replace("\n", " ") for label in ax.get_xticklabels()]
    assert columns == list(LOOKS)
    for row, (line, (_, verdict)) in enumerate(zip(ax.lines, FOUND.values(), strict=True)):
        colour, marker = LOOKS[verdict]
        assert line.get_xydata().tolist() == [[columns.index(verdict), row]]
        assert (to_hex(line.get_color()), line.get_marker()) == (colour, marker)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["C1  one", "C2  two", "C3  three"]
    low, high = ax.get_ylim()
    assert low > high  # the first row is on top


def test_all_claims_of_the_course_fit():
    found = {name: (claim.says, claim.verdict) for name, claim in CLAIMS.items()}
    assert_drawn_inside(lambda ax: plotting.verdicts(found, ax), height=7)


@pytest.mark.parametrize("found", [{}, {"C1": ("one", "perhaps")}])
def test_no_claim_or_another_verdict_is_named(found):
    with pytest.raises(ValueError, match="expected claims with verdicts of"):
        plotting.verdicts(found)
