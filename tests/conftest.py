"""What all tests share."""

import os
from collections.abc import Iterator

import pytest
import torch

if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)  # the workers share the cores; threads of their own would wait in turn


@pytest.fixture(scope="module")
def course_style():
    """Draw in the course's style, without a screen."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - only tests of figures draw

    from rnnlab import plotting  # noqa: PLC0415

    backend = plt.get_backend()
    plt.switch_backend("Agg")
    with plt.style.context("default"):
        plotting.use_style()
        yield
    plt.close("all")
    plt.switch_backend(backend)


@pytest.fixture
def figures_closed():
    """Leave no figure open."""
    import matplotlib.pyplot as plt  # noqa: PLC0415

    yield
    plt.close("all")


@pytest.fixture(scope="session")
def browser():
    """A browser without a screen: `browsing` says which."""
    import browsing  # noqa: PLC0415 - only tests of the built book need it
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        started = browsing.launched(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The built book's address on localhost."""
    import browsing  # noqa: PLC0415
    from serving import served  # noqa: PLC0415

    with served(browsing.HTML) as address:
        yield address


@pytest.fixture
def visit(browser, site):
    """Open the book in a fresh profile: `visit(color_scheme="dark", viewport=PHONE).go("lstm")`."""
    import browsing  # noqa: PLC0415

    contexts = []

    def begin(at: str = site, **options) -> browsing.Visit:
        contexts.append(browser.new_context(**{"viewport": browsing.DESKTOP, **options}))
        return browsing.Visit(contexts[-1].new_page(), at)

    yield begin
    for context in contexts:
        context.close()


def pytest_collection_modifyitems(items):
    """Skip, and say so, what needs a GPU where there is none."""
    if torch.cuda.is_available():
        return
    no_gpu = pytest.mark.skip(reason="needs a CUDA device, and this machine has none")
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(no_gpu)
