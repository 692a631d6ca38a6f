"""What happened in a training run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rnnlab.training.scores import Metrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass
class History:
    """The losses and measurements of a run, step by step.

    Attributes:
        losses: Mean training loss of each step's batch.
        norms: Norm of the gradient at each step, before clipping.
        evaluations: Steps done, and what was measured then on data not trained on.
        stopped: Why the run ended before its last step; None if it did not.
    """

    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    evaluations: list[tuple[int, Metrics]] = field(default_factory=list)
    stopped: str | None = None

    def __len__(self) -> int:
        """Steps done."""
        return len(self.losses)

    def best(self) -> tuple[int, Metrics]:
        """The steps done at the evaluation with the least loss, and what it measured.

        Raises:
            ValueError: Nothing was evaluated.
        """
        if not self.evaluations:
            raise ValueError("expected at least one evaluation, got none: pass evaluate= to fit()")
        return min(self.evaluations, key=lambda evaluation: evaluation[1].loss)

    def __iter__(self) -> Iterator[float]:
        return iter(self.losses)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` makes the same history of."""
        return {
            "losses": self.losses,
            "norms": self.norms,
            "evaluations": [[step, *metrics] for step, metrics in self.evaluations],
            "stopped": self.stopped,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "History":
        """Undo `to_json`."""
        return cls(
            list(content["losses"]),
            list(content["norms"]),
            [(step, Metrics(*metrics)) for step, *metrics in content["evaluations"]],
            content["stopped"],
        )

    def plot(self, axes: "Axes | None" = None) -> "Axes":
        """Draw training loss and held-out loss against steps.

        Args:
            axes: Where to draw; a new figure's if None.

        Returns:
            The axes.
        """
        from rnnlab.plotting import run_curves  # noqa: PLC0415 - torch alone trains

        return run_curves(self.losses, [(k, m.loss) for k, m in self.evaluations], axes)
