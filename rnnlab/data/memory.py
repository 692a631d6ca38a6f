"""Tasks that can only be solved by remembering over a gap, with known best answers.

*Adding* and *temporal order* are experiments 4 and 6 of Hochreiter and Schmidhuber (1997), with the
length as an argument; *copy* is the task of Arjovsky, Shah and Bengio (2016). Example number k is
made from the seed and k, so there is no end of examples and no two runs share any but by chance.

Axes: ``T`` time steps, ``B`` batch.
"""

import math
import random
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import one_hot
from torch.utils.data import Dataset

from rnnlab.data.batching import IGNORED, Batch
from rnnlab.data.shapes import LabelledSequences, TaggedSequences

Split = Literal["train", "validation", "test"]


class _Generated(Dataset[tuple[Tensor, object]]):
    """Examples made on demand from seed, split and index."""

    def __init__(self, size: int, split: Split, seed: int) -> None:
        if split not in ("train", "validation", "test"):
            raise ValueError(f"expected split to be train, validation or test, got {split!r}")
        self.size, self.split, self.seed = size, split, seed

    def __len__(self) -> int:
        return self.size

    def draw(self, index: int) -> random.Random:
        """The random numbers of one example."""
        if not 0 <= index < self.size:
            raise IndexError(f"expected an example from 0 to {self.size - 1}, got {index}")
        return random.Random(f"{type(self).__name__} {self.seed} {self.split} {index}")


def _checked(name: str, value: int, least: int) -> int:
    if value < least:
        raise ValueError(f"expected {name} of at least {least}, got {value}")
    return value


class Copy(_Generated):
    """Repeat some symbols after a gap.

    The input is ``symbols`` of eight letters drawn alike, then blanks, one mark that says "now",
    and blanks while the answer is due. Only the answer counts.

    Args:
        gap: Blanks between the symbols and the mark.
        size: Number of examples.
        symbols: Number of symbols to repeat.
        split: ``"train"``, ``"validation"`` or ``"test"``: each has its own random numbers.
        seed: Of the symbols.

    Raises:
        ValueError: A negative gap, or no symbol.
    """

    #: Letters to be copied; the blank and the mark come after them.
    LETTERS = 8
    #: Number of different inputs; targets are letters.
    VOCABULARY = LETTERS + 2

    def __init__(
        self, gap: int, size: int, *, symbols: int = 10, split: Split = "train", seed: int = 0
    ) -> None:
        super().__init__(size, split, seed)
        self.gap, self.symbols = _checked("a gap", gap, 0), _checked("symbols", symbols, 1)
        #: Loss in nats per symbol of the best model that remembers nothing; with memory, 0.
        self.memoryless_loss = math.log(self.LETTERS)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets, each (symbols + gap + 1 + symbols,), int64."""
        draw = self.draw(index)
        letters = torch.tensor([draw.randrange(self.LETTERS) for _ in range(self.symbols)])
        blank, mark = self.LETTERS, self.LETTERS + 1
        inputs = torch.full((2 * self.symbols + self.gap + 1,), blank)
        inputs[: self.symbols] = letters
        inputs[self.symbols + self.gap] = mark
        targets = torch.full_like(inputs, IGNORED)
        targets[-self.symbols :] = letters
        return inputs, targets

    @staticmethod
    def collate(examples: list[tuple[Tensor, Tensor]]) -> Batch:
        """Stack, as `rnnlab.data.shapes.TaggedSequences` does."""
        return TaggedSequences.collate(examples)


class Adding(_Generated):
    """Add the two numbers that were marked, experiment 4 of Hochreiter and Schmidhuber (1997).

    Each step holds a number from [-1, 1] and a mark: 1 at two steps, one among the first ten and
    one in the first half; -1 at the first and the last step, unless the first one is marked (its
    number is then 0); else 0. The target is 0.5 + (X1 + X2) / 4, a number from [0, 1]. An answer
    counts as right if it is off by less than 0.04.

    Args:
        length: Least number of steps; an example has up to a tenth more.
        size: Number of examples.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        seed: Of numbers, marks and lengths.

    Raises:
        ValueError: A length below 22, too short for the first ten steps and a second mark.
    """

    #: Greatest error of a right answer.
    TOLERANCE = 0.04

    def __init__(self, length: int, size: int, *, split: Split = "train", seed: int = 0) -> None:
        super().__init__(size, split, seed)
        self.length = _checked("a length", length, 22)
        # Each X has variance 1/3, but for a marked first step, whose number is 0.
        numbers = 2 - 1 / 10 - 9 / 10 / (length // 2 - 2)
        #: Mean squared error of the answer 0.5, whatever came; with memory it is 0.
        self.memoryless_loss = numbers / 3 / 16  # the variance of (X1 + X2) / 4

    def __getitem__(self, index: int) -> tuple[Tensor, float]:
        """Numbers and marks, (T, 2), float32, and the target."""
        draw = self.draw(index)
        steps = draw.randint(self.length, self.length + self.length // 10)
        numbers = [draw.uniform(-1, 1) for _ in range(steps)]
        marks = [0.0] * steps
        marks[0] = marks[-1] = -1.0
        first = draw.randrange(10)
        second = draw.choice([k for k in range(self.length // 2 - 1) if k != first])
        for k in (first, second):
            marks[k] = 1.0
            if k == 0:
                numbers[0] = 0.0
        target = 0.5 + (numbers[first] + numbers[second]) / 4
        return torch.tensor([numbers, marks]).t().contiguous(), target

    @staticmethod
    def collate(examples: list[tuple[Tensor, float]]) -> Batch:
        """Pad, as `rnnlab.data.shapes.LabelledSequences` does; targets (B,), float32."""
        batch = LabelledSequences.collate(list(examples))
        return Batch(batch.inputs, batch.targets.to(torch.float32))


class TemporalOrder(_Generated):
    """Tell in which order two symbols came, experiment 6a of Hochreiter and Schmidhuber (1997).

    A sequence starts with E, ends with B, and holds a, b, c, d drawn alike, but for an X or a Y in
    its second tenth and another in its sixth. The classes are XX, XY, YX and YY.

    Args:
        length: Least number of steps; an example has up to a tenth more.
        size: Number of examples.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        seed: Of symbols, places and lengths.

    Raises:
        ValueError: A length below 10.
    """

    SYMBOLS = "EBabcdXY"
    CLASSES = ("XX", "XY", "YX", "YY")
    #: Loss in nats of the best model that remembers nothing; with memory, 0.
    memoryless_loss = math.log(4)

    def __init__(self, length: int, size: int, *, split: Split = "train", seed: int = 0) -> None:
        super().__init__(size, split, seed)
        self.length = _checked("a length", length, 10)

    def text(self, index: int) -> tuple[str, str]:
        """The symbols of one example, and its class."""
        draw = self.draw(index)
        tenth = self.length // 10
        steps = draw.randint(self.length, self.length + tenth)
        symbols = ["E", *draw.choices("abcd", k=steps - 2), "B"]
        order = draw.choice(self.CLASSES)
        for symbol, start in zip(order, (tenth, 5 * tenth), strict=True):
            symbols[draw.randrange(start, start + tenth)] = symbol
        return "".join(symbols), order

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Symbols, one-hot, (T, 8), float32, and the class."""
        text, order = self.text(index)
        indices = torch.tensor([self.SYMBOLS.index(symbol) for symbol in text])
        return one_hot(indices, len(self.SYMBOLS)).float(), self.CLASSES.index(order)

    @staticmethod
    def collate(examples: list[tuple[Tensor, int]]) -> Batch:
        """Pad, as `rnnlab.data.shapes.LabelledSequences` does."""
        return LabelledSequences.collate(list(examples))
