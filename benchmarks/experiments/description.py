"""What an experiment is: one measurement, repeated over a grid of settings and over seeds.

An experiment is described, not programmed: which function measures a run, which settings it is
given, and with how many seeds. How the runs are spread over cores or machines, and how they are
kept, is in `running`.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What a run is given: names and values that JSON can hold.
Settings = dict[str, Any]


def every(**choices: Sequence[Any]) -> list[Settings]:
    """Every combination of some choices: ``every(cell=["rnn", "gru"], gap=[5, 10])`` has four."""
    return [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]


@dataclass(frozen=True)
class Run:
    """One run of an experiment.

    Attributes:
        experiment: The experiment's name.
        settings: All that the run depends on, the seed among it.
    """

    experiment: str
    settings: Settings

    @property
    def key(self) -> str:
        """A name for its file: the same settings give the same name, others another one."""
        text = json.dumps(self.settings, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Experiment:
    """A measurement over a grid of settings and seeds.

    Attributes:
        name: Of the experiment and its result file.
        measure: From the settings and a seed, as keyword arguments, to what was measured: a
            dictionary that JSON can hold. It must not depend on anything else.
        grid: The settings that differ between runs, see `every`.
        fixed: The settings that all runs share.
        seeds: How many seeds, from 0.
    """

    name: str
    measure: Callable[..., Mapping[str, Any]]
    grid: Sequence[Settings]
    fixed: Settings
    seeds: int

    def __post_init__(self) -> None:
        if self.seeds < 1 or not self.grid:
            raise ValueError(
                f"expected at least one seed and one setting, got {self.seeds} seeds and "
                f"{len(self.grid)} settings"
            )
        twice = set(self.fixed) & {name for settings in self.grid for name in settings}
        if twice | ({"seed"} & ({*self.fixed} | {n for s in self.grid for n in s})):
            raise ValueError(
                f"expected each setting in the grid or among the fixed ones, and no seed in "
                f"either, got {sorted(twice) or ['seed']} twice"
            )

    def runs(self, seeds: Iterable[int] | None = None) -> Iterator[Run]:
        """All runs, seed after seed, so that an interrupted experiment has whole seeds."""
        for seed in range(self.seeds) if seeds is None else seeds:
            for settings in self.grid:
                yield Run(self.name, {**settings, **self.fixed, "seed": seed})
