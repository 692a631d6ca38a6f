"""The data figures: what goes in is what is drawn, labelled, in the colours of the course."""

import io
import sys
from base64 import b64decode
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figures import assert_drawn_inside
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from PIL import Image

from rnnlab import parameters, plotting
from rnnlab.palette import INK, ROLES

pytestmark = pytest.mark.usefixtures("course_style", "figures_closed")

TEXT = "to be"
RUNS = np.array([[3.0, 2.0, 1.0], [5.0, 2.5, 1.5]])  # (seeds, steps)


def lines(ax, colour):
    return [line for line in ax.lines if to_hex(line.get_color()) == colour]


def written(ax):
    return [text.get_text() for text in ax.texts]


# --- style -------------------------------------------------------------------------------------


def test_the_style_is_the_courses_and_the_background_white():
    figure, ax = plotting.panels()
    assert figure.get_figwidth() == 7
    assert to_hex(figure.get_facecolor()) == to_hex(ax.get_facecolor()) == "#ffffff"
    assert mpl.rcParams["font.sans-serif"] == ["DejaVu Sans"]
    assert min(mpl.rcParams[f"{axis}tick.labelsize"] for axis in "xy") >= 9


def test_panels_share_the_width_and_take_the_options_of_subplots():
    figure, axes = plotting.panels(2, 3, height=1.5, sharex=True)
    assert axes.shape == (3, 2)
    assert figure.get_size_inches().tolist() == [7, 4.5]
    assert axes[0, 0].get_shared_x_axes().joined(axes[0, 0], axes[2, 1])


@pytest.fixture
def formatters(monkeypatch):
    """A notebook's shell, as far as ``use_style`` looks at it."""
    formatters, enabled = {}, []
    png = SimpleNamespace(for_type=formatters.__setitem__)
    shell = SimpleNamespace(
        kernel=object(),
        enable_matplotlib=enabled.append,
        display_formatter=SimpleNamespace(formatters={"image/png": png}),
    )
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    plotting.use_style()
    assert enabled == ["inline"]
    return formatters


def test_a_notebook_shows_sharp_pictures_of_the_right_width(formatters):
    _, metadata = formatters[Figure](plotting.heatmap(RUNS).figure)
    assert metadata == {"width": 700}  # no height: a narrow screen scales the picture
    image = Image.open(io.BytesIO(b64decode(formatters[Figure](plt.gcf())[0])))
    assert image.width == 1400
    pixels = np.asarray(image.convert("RGB"))
    assert (pixels[0] == 255).all()  # the paper is exactly white


def test_the_same_figure_gives_the_same_bytes(formatters):
    first, second, other = (
        formatters[Figure](plotting.curves({"lstm": values}).figure)[0]
        for values in (RUNS, RUNS, RUNS + 0.1)
    )
    assert first == second
    assert first != other


def test_colours_stay_exact_in_the_small_file(formatters):
    legend, _ = formatters[Figure](plotting.legend_of_roles().figure)
    image = Image.open(io.BytesIO(b64decode(legend))).convert("RGB")
    found = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in image.getcolors(256)}
    assert {look.colour for look in ROLES.values()} - found == set()


def test_outside_a_notebook_only_the_style_changes(monkeypatch):
    nobody = SimpleNamespace(get_ipython=lambda: None)
    monkeypatch.setitem(sys.modules, "IPython", nobody)
    with plt.style.context("default"):
        plotting.use_style()
        assert mpl.rcParams["mathtext.fontset"] == "cm"
    assert mpl.get_backend().lower() == "agg"
    monkeypatch.delitem(sys.modules, "IPython")
    plotting.use_style()


def test_nothing_is_drawn_or_configured_on_import():
    assert plt.get_fignums() == []


# --- activations -------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "reference"), [("sigmoid", torch.sigmoid), ("tanh", torch.tanh)])
def test_activations_are_torchs_and_their_slopes_are_autograds(name, reference):
    ax = plotting.activation(name)
    value, slope = (
        next(line for line in lines(ax, ROLES[key].colour) if len(line.get_xdata()) > 9)
        for key in ("hidden", "cell")
    )
    x = torch.tensor(value.get_xdata(), requires_grad=True)
    y = reference(x)
    y.sum().backward()
    np.testing.assert_allclose(value.get_ydata(), y.detach(), atol=1e-12)
    np.testing.assert_allclose(slope.get_ydata(), x.grad, atol=1e-12)
    assert value.get_linestyle() != slope.get_linestyle()
    peak = float(x.grad.max())
    assert written(ax) == [f"at most {peak:g}"]
    assert ax.get_legend() is not None


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="'sigmoid' or 'tanh'; got 'relu'"):
        plotting.activation("relu")


# --- curves ------------------------------------------------------------------------------------


def test_a_curve_is_the_mean_and_the_band_the_range_over_seeds():
    ax = plotting.curves({"LSTM": RUNS, "gru": [4.0, 3.0, 2.0]})
    (lstm,), (gru,) = (lines(ax, ROLES[kind].colour) for kind in ("lstm", "gru"))
    assert lstm.get_ydata().tolist() == [4, 2.25, 1.25]
    assert gru.get_ydata().tolist() == [4, 3, 2]
    assert lstm.get_xdata().tolist() == [1, 2, 3]
    assert (gru.get_linestyle(), gru.get_marker()) == ("--", "^")
    (band,) = ax.collections  # one run has none
    edge = band.get_paths()[0].vertices
    assert {tuple(point) for point in edge} >= {(1, 3), (1, 5), (2, 2), (2, 2.5), (3, 1), (3, 1.5)}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["LSTM", "GRU"]
    assert ax.get_xlabel()
    assert "(" in ax.get_ylabel()  # has a unit


def test_the_band_may_be_a_standard_deviation_or_none():
    ax = plotting.curves({"rnn": RUNS}, band="sd")
    heights = ax.collections[0].get_paths()[0].vertices
    spread = np.std(RUNS[:, 0], ddof=1)
    assert sorted({y for x, y in heights if x == 1}) == pytest.approx([4 - spread, 4 + spread])
    assert not plotting.curves({"rnn": RUNS}, band=None).collections


def test_curves_take_positions_a_logarithmic_axis_and_references():
    ax = plotting.curves(
        {"scratch": RUNS[0], "torch.nn": RUNS[1]},
        x=[10, 20, 30],
        log=True,
        references={"uniform": 4.5},
    )
    assert ax.get_yscale() == "log"
    scratch, torch_nn, reference = ax.lines
    assert scratch.get_xdata().tolist() == [10, 20, 30]
    assert scratch.get_color() != torch_nn.get_color()
    assert scratch.get_linestyle() != torch_nn.get_linestyle()
    assert reference.get_ydata() == [4.5, 4.5]
    assert written(ax) == ["uniform"]
    assert ax.texts[0].get_path_effects()  # readable where it lies on a line
    ax.figure.canvas.draw()
    assert "2" in [label.get_text() for label in ax.get_yticklabels()]  # not 2 × 10⁰
    wide = plotting.curves({"rnn": [1e-6, 1.0]}, log=True)
    wide.figure.canvas.draw()
    assert "10^{" in "".join(label.get_text() for label in wide.get_yticklabels())


def test_long_curves_carry_few_markers():
    (line,) = plotting.curves({"rnn": np.ones(1000)}).lines
    start, stride = line.get_markevery()
    assert 5 <= len(range(start, 1000, stride)) <= 12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.curves({}), "at least one series; got none"),
        (lambda: plotting.curves({"rnn": RUNS}, band="iqr"), "'range', 'sd' or None; got 'iqr'"),
        (lambda: plotting.curves({"rnn": RUNS}, x=[1, 2]), "rnn: expected 2 steps.*got 3"),
        (lambda: plotting.curves({"rnn": 3.0}), r"rnn: expected 1 or 2 dimensions.*\(\)"),
        (lambda: plotting.curves({"rnn": []}), r"rnn: expected at least one value.*\(0,\)"),
    ],
)
def test_curves_refuse_what_they_cannot_draw(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- bars and differences ----------------------------------------------------------------------


def test_every_seed_is_a_dot_and_the_mean_a_bar():
    values = [[1.0, 2.0, 6.0], [4.0]]
    ax = plotting.bars_with_spread(["lstm", "other"], values, xlabel="time (ms)")
    dots = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert [dot.get_xdata().tolist() for dot in dots] == values
    assert to_hex(dots[0].get_color()) == ROLES["lstm"].colour
    assert [bar.get_width() for bar in ax.patches] == [3, 4]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["LSTM", "other"]
    assert ax.get_xlabel() == "time (ms)"
    assert ax.yaxis_inverted()  # the first item is on top
    with pytest.raises(ValueError, match="values for 1 labels; got 2 rows"):
        plotting.bars_with_spread(["lstm"], values)
    with pytest.raises(ValueError, match="values for 3 labels; got 2 rows"):
        plotting.bars_with_spread(["rnn", "lstm", "gru"], values)


def test_differences_are_the_greatest_absolute_values_and_zero_is_equal():
    ax = plotting.difference(
        {
            "output": torch.tensor([[1e-15, -3e-15]], dtype=torch.float64),
            "h_n": 0.0,
            "other": -0.25,
        },
        tolerance=1e-10,
    )
    assert ax.get_xscale() == "log"
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert [float(point.get_xdata()[0]) for point in points] == [3e-15, 1e-16, 0.25]
    assert written(ax)[:3] == ["3.0e-15", "equal", "0.25"]
    assert [to_hex(point.get_markerfacecolor()) for point in points] == [INK, "#ffffff", INK]
    assert [1e-10, 1e-10] in [list(line.get_xdata()) for line in ax.lines]
    assert "tolerance 1e-10" in written(ax)
    assert ax.get_xlim()[0] == 1e-16


def test_differences_that_are_all_zero_can_be_drawn():
    ax = plotting.difference({"a": 0, "b": [0.0, 0.0]})
    assert written(ax) == ["equal", "equal"]
    with pytest.raises(ValueError, match="at least one; got none"):
        plotting.difference({})


# --- states ------------------------------------------------------------------------------------


def test_a_heatmap_shows_the_matrix_centred_on_zero():
    matrix = torch.tensor([[0.5, -1.0, 0.0], [0.25, 0.0, 0.75]], requires_grad=True)
    ax = plotting.heatmap(matrix, ["unit 1", "unit 2"], ["a", " ", "\n"], xlabel="input")
    mesh = ax.collections[0]
    assert mesh.get_array().tolist() == matrix.tolist()
    assert mesh.get_clim() == (-1, 1)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "␣", "↵"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["unit 1", "unit 2"]
    assert ax.get_xlabel() == "input"
    assert ax.yaxis_inverted()
    middle = mesh.cmap(mesh.norm(0.0))
    assert to_rgb(middle) == pytest.approx((1, 1, 1), abs=0.02)
    dark = [sum(to_rgb(mesh.cmap(mesh.norm(value)))) for value in (-1, -0.5, 0, 0.5, 1)]
    assert dark[0] < dark[1] < dark[2] > dark[3] > dark[4]  # readable without colour too


def test_a_heatmap_of_weights_starts_at_white():
    ax = plotting.heatmap([[0.0, 0.2], [0.6, 0.4]], centre=None, limit=1.0, label="weight")
    mesh = ax.collections[0]
    assert mesh.get_clim() == (0, 1)
    assert to_rgb(mesh.cmap(0.0)) == (1, 1, 1)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2"]
    assert ax.figure.axes[1].get_ylabel() == "weight"


def test_a_heatmap_of_equal_values_can_be_drawn_and_many_rows_are_thinned():
    ax = plotting.heatmap(np.zeros((64, 2)))
    assert ax.collections[0].get_clim() == (-1, 1)
    assert [label.get_text() for label in ax.get_yticklabels()][:3] == ["1", "5", "9"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.heatmap([1.0, 2.0]), r"matrix: expected 2 dimensions; got shape \(2,\)"),
        (lambda: plotting.heatmap(RUNS, ["a"]), "expected 2 row labels; got 1"),
        (lambda: plotting.heatmap(RUNS, None, ["a"]), "expected 3 column labels; got 1"),
        (lambda: plotting.gate_traces({}, TEXT), "at least one; got none"),
        (lambda: plotting.gate_traces({"forgot": [1.0]}, "a"), "role must be one of"),
        (lambda: plotting.gate_traces({"forget": [1.0]}, TEXT), "forget: expected 5 steps; got 1"),
    ],
)
def test_bad_states_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_gate_traces_draw_mean_and_middle_half_of_the_units():
    values = np.linspace(0, 1, 20).reshape(5, 4)
    ax = plotting.gate_traces({"forget": values, "candidate": values[:, 0]}, TEXT)
    (forget,), (candidate,) = (lines(ax, ROLES[key].colour) for key in ("forget", "candidate"))
    np.testing.assert_allclose(forget.get_ydata(), values.mean(axis=1))
    np.testing.assert_allclose(candidate.get_ydata(), values[:, 0])
    (band,) = ax.collections
    low = sorted(y for x, y in band.get_paths()[0].vertices if x == 2)[0]
    assert low == pytest.approx(np.quantile(values[2], 0.25))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["t", "o", "␣", "b", "e"]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["forget gate $f_t$", "candidate $g_t$"]
    assert ax.get_ylim() == (-0.03, 1.03)  # gates lie in (0, 1)


def test_gate_traces_of_a_gru_call_the_candidate_n_and_show_negative_values():
    ax = plotting.gate_traces({"update": np.ones(5), "candidate": -np.ones(5)}, TEXT)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["update gate $z_t$", "candidate $n_t$"]
    assert ax.get_ylim()[0] < -1


# --- the visual language -----------------------------------------------------------------------


def test_the_legend_shows_every_role_with_symbol_colour_and_line():
    ax = plotting.legend_of_roles()
    for key, look in ROLES.items():
        assert look.name in written(ax), key
        drawn, marker = lines(ax, look.colour)
        assert drawn.get_linestyle() == look.linestyle
        assert marker.get_marker() == look.marker
    assert "$g_t$, $n_t$" in written(ax)
    assert written(ax).count("LSTM") == 1


def test_the_legend_may_show_some_roles_only():
    ax = plotting.legend_of_roles(["reset", "GRU"])
    assert written(ax) == ["$r_t$", "reset gate", "GRU"]
    with pytest.raises(ValueError, match="role must be one of"):
        plotting.legend_of_roles(["gate"])


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_the_pieces_of_the_ledger_sum_to_its_entries(kind):
    ledger = parameters.ledger(kind, 28, 256, num_layers=2, bidirectional=True)
    ax = plotting.ledger_bars(ledger, kind)
    ends = {}
    for bar in ax.patches:
        place = round(bar.get_y() + bar.get_height() / 2)
        ends[place] = max(ends.get(place, 0), bar.get_x() + bar.get_width())
    assert list(ends.values()) == [entry.count for entry in ledger.entries]
    assert sum(bar.get_width() for bar in ax.patches) == ledger.total
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[0] == "weight_ih_l0"
    assert names[-1] == "bias_hh_l1_reverse"
    assert parameters.grouped(ledger.entries[0].count) in written(ax)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(legend) == parameters.GATES[kind]


def test_the_ledger_of_a_projection_has_a_bar_that_is_no_gates():
    ledger = parameters.ledger("lstm", 5, 6, proj_size=3)
    ax = plotting.ledger_bars(ledger, "lstm")
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "weight_hr_l0"
    assert to_hex(ax.patches[-1].get_facecolor()) == ROLES["hidden"].colour


def test_a_ledger_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="kind must be one of rnn, lstm, gru; got 'mlp'"):
        plotting.ledger_bars(parameters.ledger("rnn", 2, 2), "mlp")
    with pytest.raises(ValueError, match="weight_ih_l0: 7 parameters are no ledger of kind 'gru'"):
        plotting.ledger_bars(parameters.ledger("rnn", 1, 7), "gru")


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plotting.activation("tanh", ax),
        lambda ax: plotting.curves({"rnn": RUNS}, ax),
        lambda ax: plotting.heatmap(RUNS, ax=ax),
        lambda ax: plotting.gate_traces({"reset": np.ones(5)}, TEXT, ax),
        lambda ax: plotting.difference({"a": 1e-12}, ax),
        lambda ax: plotting.bars_with_spread(["rnn"], RUNS[:1], ax),
        lambda ax: plotting.ledger_bars(parameters.ledger("gru", 5, 6), "gru", ax),
        lambda ax: plotting.legend_of_roles(ax=ax),
    ],
)
def test_a_figure_goes_into_a_given_axes_and_its_text_is_inside(draw):
    assert_drawn_inside(draw)
