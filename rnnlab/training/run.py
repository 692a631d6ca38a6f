"""The state of a training run: what a checkpoint must hold, and how it is put back."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.training import checkpoints
from rnnlab.training.checkpoints import Checkpoint, CheckpointError
from rnnlab.training.distributed import agreed, gathered, world
from rnnlab.training.history import History
from rnnlab.training.reading import ReadingOn
from rnnlab.training.scores import Objective


@dataclass(frozen=True)
class Saving:
    """Where and how often a run is saved.

    Attributes:
        path: The checkpoint's file. If there is one, the run goes on from it. Several processes
            need a folder that all of them can read.
        every: Steps between two checkpoints.
        about: What else the checkpoint shall say, such as how the model is made.
    """

    path: Path | str
    every: int = 100
    about: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError(f"expected a checkpoint every 1 step or more, got {self.every}")


@dataclass
class Run:
    """A model on its way, with all that changes while it learns.

    Attributes:
        model: What is trained.
        optimiser: What trains it.
        scaler: Scales the loss where gradients are 16 bits wide.
        objective: Scores the model; one that carries a state has it saved too.
        settings: What must not change between a run and its continuation.
        history: What happened so far; its length is the number of steps done.
        best: The weights at the best evaluation, if they are kept.
        waited: Evaluations since then.
    """

    model: nn.Module
    optimiser: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    objective: Objective
    settings: dict[str, Any]
    history: History = field(default_factory=History)
    best: dict[str, Tensor] = field(default_factory=dict)
    waited: int = 0

    def save(self, saving: Saving) -> None:
        """Write a checkpoint; only one of several processes does."""
        states, carried = _random_states(), self._carried()  # all processes take part
        if not world().writes:
            return
        optimiser = self.optimiser.state_dict()
        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in self.best.items()}
        tensors |= {f"random.{k}": v for k, v in states.items()}
        tensors |= {f"carried.{k}": v for k, v in carried.items()}
        rest: dict[str, Any] = {}
        for index, state in optimiser["state"].items():
            for name, value in state.items():
                place = tensors if isinstance(value, Tensor) else rest
                place[f"optimiser.{index}.{name}"] = value
        about = {
            **saving.about,
            "settings": self.settings,
            "history": self.history.to_json(),
            "waited": self.waited,
            "optimiser": rest,
            "scaler": self.scaler.state_dict(),
        }
        checkpoints.save(Checkpoint(tensors, about), saving.path)

    def restore(self, saving: Saving) -> None:
        """Go on from a checkpoint, if there is one.

        Raises:
            CheckpointError: A file that is no whole checkpoint, or that of another run.
        """
        there = torch.tensor(Path(saving.path).exists(), device=self._device)
        if not agreed(there):
            return
        checkpoint = checkpoints.load(saving.path)
        about = checkpoint.about
        self._check(saving, about)
        try:
            self.model.load_state_dict(checkpoint.part("model"))
        except RuntimeError as error:
            raise CheckpointError(
                f"expected {saving.path} to fit the model, got other weights: "
                f"{' '.join(str(error).split())}"
            ) from error
        self.best = {k: v.to(self._device) for k, v in checkpoint.part("best").items()}
        self.history, self.waited = History.from_json(about["history"]), about["waited"]
        state: dict[int, dict[str, Any]] = {}
        for name, value in {**checkpoint.part("optimiser"), **_part(about["optimiser"])}.items():
            index, _, key = name.partition(".")
            state.setdefault(int(index), {})[key] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": state, "param_groups": groups})
        self.scaler.load_state_dict(about["scaler"])
        if isinstance(self.objective, ReadingOn):
            self.objective.load_state_dict(checkpoint.part("carried"), self._device)
        _set_random_states(checkpoint.part("random"), len(self.history))

    def _carried(self) -> dict[str, Tensor]:
        return self.objective.state_dict() if isinstance(self.objective, ReadingOn) else {}

    def _check(self, saving: Saving, about: dict[str, Any]) -> None:
        if not {"history", "settings"} <= about.keys():
            raise CheckpointError(f"expected {saving.path} to be of a run, got weights alone")
        theirs = _facts(about, about["settings"])
        ours = _facts(saving.about, self.settings)
        differences = [
            f"{name} {theirs.get(name)!r}, now {ours.get(name)!r}"
            for name in sorted(theirs.keys() | ours.keys())
            if theirs.get(name) != ours.get(name)
        ]
        if differences:
            raise CheckpointError(
                f"expected {saving.path} to be of a run with the same settings, "
                f"got {'; '.join(differences)}: keep them, or save elsewhere"
            )

    @property
    def _device(self) -> torch.device:
        return next(self.model.parameters()).device


def _facts(about: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """All that must not change between a run and its continuation."""
    return {"task": about.get("task"), **about.get("options", {}), **settings}


def _part(rest: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("optimiser."): value for name, value in rest.items()}


def _random_states() -> dict[str, Tensor]:
    """The states of torch's random numbers in every process, one a row."""
    on_gpu = torch.cuda.is_initialized()

    def rows(state: Tensor) -> Tensor:  # NCCL moves tensors of the GPU only
        found = gathered(state.cuda() if on_gpu else state)
        return torch.stack(found).cpu()

    states = {"cpu": rows(torch.get_rng_state())}
    if on_gpu:
        states["cuda"] = rows(torch.cuda.get_rng_state())
    return states


def _set_random_states(states: dict[str, Tensor], step: int) -> None:
    """Put this process' random numbers back, or seed it anew if their number has changed."""
    rank, size = world()
    if len(states["cpu"]) != size:
        torch.manual_seed(1_000_003 * step + rank)
        return
    torch.set_rng_state(states["cpu"][rank])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"][rank])
