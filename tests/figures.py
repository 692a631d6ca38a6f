"""What every figure of data is held to."""

import matplotlib.pyplot as plt

from rnnlab import plotting


def assert_drawn_inside(draw, **options):
    """A figure goes into the axes that it is given, opens no other, and cuts nothing off.

    Args:
        draw: Draws into an axes, and returns it.
        **options: Of the panel, as `plotting.panels` takes them.
    """
    figure, ax = plotting.panels(**options)
    assert draw(ax) is ax
    assert len(plt.get_fignums()) == 1
    figure.canvas.draw()
    drawn, page = figure.get_tightbbox(), figure.bbox_inches
    assert page.x0 <= drawn.x0 < drawn.x1 <= page.x1
    assert page.y0 <= drawn.y0 < drawn.y1 <= page.y1
