"""What all tests share."""

import pytest
import torch


def pytest_collection_modifyitems(items):
    """Skip, and say so, what needs a GPU where there is none."""
    if torch.cuda.is_available():
        return
    no_gpu = pytest.mark.skip(reason="needs a CUDA device, and this machine has none")
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(no_gpu)
