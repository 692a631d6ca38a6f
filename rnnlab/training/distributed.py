"""Several processes that train one model: who takes which share of a batch, and who writes.

``torchrun`` starts the processes and tells each its rank. A batch is the same whatever their number
(`rnnlab.data.Batches`), so a run may go on with another number of processes than it began with.
"""

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, distributed, nn

#: How long a process waits for the others before it gives up.
_PATIENCE = datetime.timedelta(minutes=10)


class World(NamedTuple):
    """The processes of a run.

    Attributes:
        rank: This one's number.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def writes(self) -> bool:
        """Whether this is the one process that writes files and prints."""
        return self.rank == 0


def world() -> World:
    """The processes that are connected now; this one alone if there are none."""
    if distributed.is_available() and distributed.is_initialized():
        return World(distributed.get_rank(), distributed.get_world_size())
    return World()


@contextmanager
def connected() -> Iterator[torch.device]:
    """Connect to the other processes that ``torchrun`` has started; alone, do nothing.

    Yields:
        The device that this process is to compute on: its own GPU, connected by NCCL, or the CPU,
        connected by gloo.
    """
    gpu = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if gpu else None
    if device is not None:
        torch.cuda.set_device(device)
    if "RANK" not in os.environ:
        yield device or torch.device("cpu")
        return
    distributed.init_process_group("nccl" if gpu else "gloo", timeout=_PATIENCE)
    try:
        yield device or torch.device("cpu")
    finally:
        distributed.destroy_process_group()


def parallel(model: nn.Module) -> nn.Module:
    """Wrap a model so that its gradients are the mean over all processes; alone, return it."""
    if world().size == 1:
        return model
    return nn.parallel.DistributedDataParallel(model)


def summed(numbers: Tensor) -> Tensor:
    """Add up every process' numbers."""
    if world().size > 1:
        distributed.all_reduce(numbers)
    return numbers


def agreed(numbers: Tensor) -> Tensor:
    """Take the first process' numbers, so that all decide alike."""
    if world().size > 1:
        distributed.broadcast(numbers, 0)
    return numbers


def gathered(tensor: Tensor) -> list[Tensor]:
    """Collect every process' tensor, in the order of their ranks; the shapes must agree."""
    if world().size == 1:
        return [tensor]
    found = [torch.empty_like(tensor) for _ in range(world().size)]
    distributed.all_gather(found, tensor)
    return found
