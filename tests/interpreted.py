"""Checks of the Triton kernels, to be run in Triton's interpreter, a Python without a GPU.

pytest does not collect this file by itself: tests/test_gpu_kernels.py runs it in a process of its
own, in which TRITON_INTERPRET is set before triton is imported.
"""

import multiprocessing
import time
import types
import warnings

import pytest
import torch
from torch import nn
from twins import assert_close, assert_twins, gradients, initial_state, tensors

from rnnlab import scratch
from rnnlab.gpu import Persistent, kernels, recurrence

VARIANTS = [
    ("RNN", {}),
    ("RNN", {"nonlinearity": "relu", "batch_first": True}),
    ("LSTM", {}),
    ("LSTM", {"bias": False, "batch_first": True}),
    ("GRU", {}),
    ("GRU", {"bias": False}),
]
#: T, B, X, H: one step of one sequence; more rows than a tile has; more units; more than a product
#: adds up at a time.
SIZES = [(1, 1, 3, 5), (3, 17, 4, 5), (4, 2, 3, 20), (2, 16, 2, 33)]


@pytest.fixture(autouse=True)
def poisoned():
    """Fill new memory with NaN: what is read before it is written shows."""
    torch.use_deterministic_algorithms(True)
    assert torch.empty(2).isnan().all()
    yield
    torch.use_deterministic_algorithms(False)


def pair(kind, X, H, theirs=nn, **options):
    """A layer run by the kernels, and the readable loop with the same parameters."""
    torch.manual_seed(0)
    readable = getattr(scratch, kind)(X, H, readable=True, **options)
    layer = getattr(theirs, kind)(X, H, **options)
    layer.load_state_dict(readable.state_dict())
    return Persistent(layer), readable


def arguments(kind, T, B, X, H, batch_first=False):
    """An input and an initial state, float32, requiring gradients."""
    torch.manual_seed(1)
    x = torch.randn((B, T, X) if batch_first else (T, B, X), requires_grad=True)
    return x, initial_state(kind, 1, B, H, dtype=torch.float32)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("kind", "options"), VARIANTS, ids=str)
def test_kernels_are_the_readable_loop(kind, options, sizes):
    _, _, X, H = sizes
    ours, readable = pair(kind, X, H, **options)
    x, state = arguments(kind, *sizes, batch_first=options.get("batch_first", False))
    other = getattr(scratch, kind)(X, H, **options)
    with pytest.raises(AssertionError):  # negative control: other weights
        assert_close(ours(x, state), other(x, state))
    assert_twins(ours, readable, x, state, leaves=[x, *tensors([state])])
    assert_twins(ours, readable, x, leaves=[x])  # from a state of zeros


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_layers_of_scratch_run_on_them_too(kind):
    ours, readable = pair(kind, 3, 5, theirs=scratch)
    x, state = arguments(kind, 3, 2, 3, 5)
    assert_twins(ours, readable, x, state, leaves=[x])


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("part", [0, 1])
def test_gradients_of_the_outputs_alone_and_of_the_states_alone(kind, part):
    ours, readable = pair(kind, 3, 5)
    x, _ = arguments(kind, 3, 2, 3, 5)
    got = gradients(ours, ours(x)[part], [x])
    assert_close(got, gradients(readable, readable(x)[part], [x]))
    assert all(gradient.any() for gradient in got)


def test_other_form_of_the_candidate_is_told_apart():
    """A negative control for the GRU: its other reset gate, with the same weights."""
    ours, _ = pair("GRU", 3, 5)
    before = scratch.GRU(3, 5, reset_after=False)
    before.load_state_dict(ours.layer.state_dict())
    x, state = arguments("GRU", 3, 2, 3, 5)
    with pytest.raises(AssertionError):
        assert_close(ours(x, state), before(x, state))


# --- one launch for all steps: programs that wait for one another ---------------------------------


def one_program(kernel, program, grid, args, options):
    """Run one program of a grid in this process."""
    from triton.runtime import interpreter  # noqa: PLC0415

    builder = interpreter.interpreter_builder
    dim, idx, atomic = builder.set_grid_dim, builder.set_grid_idx, builder.create_atomic_rmw
    builder.set_grid_dim = lambda *_: dim(*grid, 1)
    builder.set_grid_idx = lambda *_: idx(*program, 0)

    def unhurried(*arguments):
        time.sleep(0.001)  # who waits leaves the core to who is waited for
        return atomic(*arguments)

    builder.create_atomic_rmw = unhurried
    # The tensors lie in shared memory already; writing them back would undo what others write.
    interpreter.GridExecutor._restore_args_dev = lambda *_: None
    kernel[(1, 1)](*args, **options)


class Together:
    """A kernel whose programs run at the same time, each in a process, over shared memory."""

    def __init__(self, kernel):
        self.kernel = kernel

    def __getitem__(self, grid):
        return lambda *args, **options: self.run(grid, args, options)

    def run(self, grid, args, options):
        """Run them all, and see that all come to their end."""
        assert options.pop("launch_cooperative_grid")
        for argument in args:
            if isinstance(argument, torch.Tensor):
                argument.untyped_storage().share_memory_()
        programs = [(a, b) for a in range(grid[0]) for b in range(grid[1])]
        assert len(programs) > 1
        context = multiprocessing.get_context("fork")
        running = [
            context.Process(target=one_program, args=(self.kernel, program, grid, args, options))
            for program in programs
        ]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # torch's threads are idle here
            for process in running:
                process.start()
        for process in running:
            process.join(timeout=300)
        ended = [process.exitcode for process in running]
        for process in running:
            process.kill()
        assert ended == [0] * len(running)


class OneAfterTheOther(Together):
    """The same launch with programs that do not run at the same time, and do not wait."""

    def run(self, grid, args, options):
        """Run each program to its end before the next begins."""
        options.pop("launch_cooperative_grid")
        self.kernel[grid](*args, **options | {"WAIT": False})


def launch_once(monkeypatch, way):
    """Let the next launches be those of a GPU, their programs run in a way of ours."""
    names = kernels.__all__
    wrapped = types.SimpleNamespace(**{name: way(getattr(kernels, name)) for name in names})
    monkeypatch.setattr(recurrence, "kernels", lambda: wrapped)
    monkeypatch.setattr(recurrence, "interpreted", lambda: False)
    processors = types.SimpleNamespace(multi_processor_count=4)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: processors)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_programs_that_wait_for_one_another_do_all_steps_in_one_launch(kind, monkeypatch):
    sizes = (5, 18, 3, 20)  # four programs: two tiles of rows, two of units
    ours, readable = pair(kind, 3, 20)
    x, state = arguments(kind, *sizes)
    launch_once(monkeypatch, Together)
    assert_twins(ours, readable, x, state, leaves=[x, *tensors([state])])


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_programs_that_do_not_wait_are_told_apart(kind, monkeypatch):
    ours, readable = pair(kind, 3, 20)
    x, state = arguments(kind, 5, 18, 3, 20)
    launch_once(monkeypatch, OneAfterTheOther)
    with pytest.raises(AssertionError):
        assert_close(ours(x, state), readable(x, state))
