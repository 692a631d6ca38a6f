"""The visual language: readable on white and in the dark, and told apart by every reader.

Colour vision deficiencies are simulated with the matrices of Machado, Oliveira and Fernandes, "A
physiologically-based model for simulation of color vision deficiency", IEEE TVCG 15(6), 2009, at
full severity. Contrast is that of WCAG 2.1. The book's dark page shows figures through the filter
``invert(0.9) hue-rotate(180deg)``, computed here as the CSS Filter Effects module defines it.
"""

import itertools
import re

import numpy as np
import pytest

from rnnlab import palette
from rnnlab.palette import (
    FAINT,
    GATES,
    INK,
    MODEL_KINDS,
    MUTED,
    PAPER,
    ROLES,
    Role,
    role,
    tint,
)

VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TOGETHER = {  # what occurs in one picture
    "lstm": ("input", "hidden", "cell", "candidate", "forget", "input_gate", "output"),
    "gru": ("input", "hidden", "candidate", "reset", "update"),
    "models": MODEL_KINDS,
}
DARK_PAGE = np.full(3, 0x12 / 255)


def srgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def linear(channels: np.ndarray) -> np.ndarray:
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(linear_rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB under D65."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    ratio = to_xyz @ linear_rgb / to_xyz.sum(axis=1)
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(channels: np.ndarray, vision: str) -> np.ndarray:
    return lab(np.clip(VISION[vision] @ linear(channels), 0, 1))


def in_the_dark(channels: np.ndarray) -> np.ndarray:
    """The CSS filter ``invert(0.9) hue-rotate(180deg)``."""
    weights = np.tile([0.213, 0.715, 0.072], (3, 1))
    return np.clip((2 * weights - np.eye(3)) @ (0.9 - 0.8 * channels), 0, 1)


def contrast(a: np.ndarray, b: np.ndarray) -> float:
    light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(c)) for c in (a, b))
    return (light[1] + 0.05) / (light[0] + 0.05)


def test_the_measures_themselves_against_known_values():
    assert contrast(srgb("#ffffff"), srgb("#000000")) == pytest.approx(21)
    assert contrast(srgb("#ffffff"), srgb("#767676")) == pytest.approx(4.54, abs=0.01)
    assert lab(linear(srgb("#ffffff"))) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab(linear(srgb("#ff0000"))) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert in_the_dark(srgb("#ffffff")) == pytest.approx([0.1] * 3)
    # Red and a green of its lightness: far apart for most, close under deuteranopia.
    red, green = srgb("#c03030"), srgb("#727200")
    far, near = (np.linalg.norm(seen(red, v) - seen(green, v)) for v in ("normal", "deuteranopia"))
    assert near < 0.35 * far


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("group", TOGETHER)
@pytest.mark.parametrize(("page", "bound"), [("white", 17.0), ("dark", 14.5)])
def test_roles_of_one_picture_are_told_apart(group, vision, page, bound):
    channels = {key: srgb(ROLES[key].colour) for key in TOGETHER[group]}
    if page == "dark":
        channels = {key: in_the_dark(value) for key, value in channels.items()}
    distances = {
        (a, b): np.linalg.norm(seen(channels[a], vision) - seen(channels[b], vision))
        for a, b in itertools.combinations(channels, 2)
    }
    assert {pair: d for pair, d in distances.items() if d < bound} == {}


def test_the_bound_tells_a_bad_palette():
    """Negative control: matplotlib's own red and green are too close under deuteranopia."""
    red, green = (seen(srgb(c), "deuteranopia") for c in ("#d62728", "#2ca02c"))
    assert np.linalg.norm(red - green) < 17.0


@pytest.mark.parametrize("key", ROLES)
def test_contrast_is_at_least_three_to_one_on_white_and_on_the_dark_page(key):
    colour = srgb(ROLES[key].colour)
    assert contrast(colour, srgb(PAPER)) >= 3
    assert contrast(in_the_dark(colour), in_the_dark(srgb(PAPER))) >= 3
    assert contrast(in_the_dark(colour), DARK_PAGE) >= 3


@pytest.mark.parametrize(("colour", "least"), [(INK, 7), (MUTED, 4.5)])
def test_text_is_readable(colour, least):
    assert contrast(srgb(colour), srgb(PAPER)) >= least
    assert contrast(in_the_dark(srgb(colour)), in_the_dark(srgb(PAPER))) >= least


def test_the_background_is_visible_but_stands_back():
    assert 1.3 < contrast(srgb(FAINT), srgb(PAPER)) < 3


def test_every_role_has_a_look_of_its_own():
    assert len({look.colour for look in ROLES.values()}) == len(ROLES)
    assert len({look.chinese for look in ROLES.values()}) == len(ROLES)
    for group in TOGETHER.values():
        looks = [(ROLES[key].marker, ROLES[key].linestyle) for key in group]
        assert len(set(looks)) == len(looks)  # told apart without colour
    for kind, keys in GATES.items():
        names = [role(key).symbol_in(kind) for key in keys]
        assert len(set(names)) == len(names)


def test_every_role_is_complete():
    for look in ROLES.values():
        assert re.fullmatch("#[0-9a-f]{6}", look.colour)
        assert re.search("[\u4e00-\u9fff]", look.chinese)
        assert look.name
        assert look.marker
        assert look.linestyle


def test_symbols_are_those_of_the_equations():
    symbols = {key: look.symbol for key, look in ROLES.items() if key not in MODEL_KINDS}
    letters = {key: re.sub(r"[$\\]|_t", "", symbol) for key, symbol in symbols.items()}
    assert letters == {
        "input": "x",
        "hidden": "h",
        "cell": "c",
        "candidate": "g",
        "forget": "f",
        "input_gate": "i",
        "output": "o",
        "reset": "r",
        "update": "z",
        "attention": "alpha",
    }
    assert role("candidate").symbol_in("gru") == "$n_t$"
    assert role("candidate").symbol_in("lstm") == "$g_t$"
    assert role("reset").symbol_in("gru") == "$r_t$"


def test_a_role_is_found_by_its_key_in_either_case_and_cannot_be_changed():
    assert role("LSTM") is ROLES["lstm"]
    with pytest.raises(ValueError, match=r"role must be one of input, .*; got 'gate'"):
        role("gate")
    with pytest.raises(AttributeError):
        role("lstm").colour = "#000000"
    assert isinstance(role("input"), Role)


def test_tint_goes_from_white_to_the_colour():
    assert tint("#204080", 0) == "#ffffff"
    assert tint("#204080", 1) == "#204080"
    assert tint("#000000", 0.2) == "#cccccc"
    with pytest.raises(ValueError, match=r"between 0 and 1; got 1\.5"):
        tint("#204080", 1.5)


@pytest.mark.parametrize("colour", [PAPER, INK, *(look.colour for look in ROLES.values())])
def test_a_colour_in_the_dark_is_what_the_filter_makes_of_it(colour):
    assert srgb(palette.in_the_dark(colour)) == pytest.approx(in_the_dark(srgb(colour)), abs=0.003)
    assert palette.in_the_dark(colour) != colour
