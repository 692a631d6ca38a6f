"""What the pictures of every chapter are held to.

A test file names its pictures in ``DRAWINGS``, from a name to a function that draws, and takes
these tests with ``from pictures import ...``.
"""

import io

import matplotlib.pyplot as plt
import pytest
import test_diagrams as rules


def pytest_generate_tests(metafunc):
    """Give each test that asks for a drawing all pictures of its file."""
    if "drawing" in metafunc.fixturenames:
        metafunc.parametrize("drawing", list(metafunc.module.DRAWINGS), indirect=True)


@pytest.fixture
def drawing(request):
    ax = request.module.DRAWINGS[request.param]()
    ax.figure.canvas.draw()
    return ax


@pytest.mark.parametrize("rule", rules.OF_EVERY_PICTURE)
def test_each_picture_keeps_the_rules_of_all_diagrams(drawing, rule):
    rule(drawing)


def test_the_same_call_gives_the_same_bytes_and_another_picture_others(request):
    def png(draw):
        file = io.BytesIO()
        draw().figure.savefig(file, metadata={"Software": None})
        plt.close("all")
        return file.getvalue()

    draws = list(request.module.DRAWINGS.values())
    pictures = [png(draw) for draw in draws]
    assert png(draws[0]) == pictures[0]
    assert len(set(pictures)) == len(pictures)
