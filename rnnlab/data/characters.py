"""From text to tensors for next-character prediction, and back.

Axes: ``N`` characters of the text, ``T`` time steps, ``B`` batch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Vocabulary:
    """The characters that a model knows, in the order of their indices.

    Attributes:
        characters: Every character once.
    """

    characters: str

    def __post_init__(self) -> None:
        if len(set(self.characters)) != len(self.characters):
            raise ValueError(f"expected every character once, got {self.characters!r}")

    @classmethod
    def of(cls, text: str) -> "Vocabulary":
        """The vocabulary of all characters of a text, in the order of their code points."""
        return cls("".join(sorted(set(text))))

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> Tensor:
        """Return the index of each character, (N,), int64.

        Raises:
            ValueError: A character that is not in the vocabulary.
        """
        index = {character: k for k, character in enumerate(self.characters)}
        unknown = sorted(set(text) - set(index))
        if unknown:
            raise ValueError(
                f"expected characters of the vocabulary {self.characters!r}, got {unknown}"
            )
        return torch.tensor([index[character] for character in text], dtype=torch.long)

    def decode(self, tokens: Iterable[int] | Tensor) -> str:
        """Return the text of some indices, (N,)."""
        return "".join(self.characters[int(token)] for token in tokens)


def random_windows(
    tokens: Tensor, batch_size: int, num_steps: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Cut windows at random places, each with the characters that follow its own by one.

    Args:
        tokens: The text, (N,), with N > num_steps.
        batch_size: Number of windows B.
        num_steps: Length T of each.
        generator: Where the places are drawn from; on the CPU.

    Returns:
        Inputs and targets, each (T, B), on the tokens' device.

    Raises:
        ValueError: A text too short for one window.
    """
    places = len(tokens) - num_steps
    if places < 1:
        raise ValueError(
            f"expected more than num_steps={num_steps} characters, got a text of {len(tokens)}"
        )
    starts = torch.randint(places, (batch_size,), generator=generator)
    at = (torch.arange(num_steps)[:, None] + starts).to(tokens.device)  # (T, B)
    return tokens[at], tokens[at + 1]


def sequential_windows(
    tokens: Tensor, batch_size: int, num_steps: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Lay the text out in parallel rows and yield them piece by piece, in order.

    The piece that follows begins where the one before ended, in every row, so a state may be
    carried on. What does not fill all rows is left out, at the end of the text.

    Args:
        tokens: The text, (N,).
        batch_size: Number of rows B.
        num_steps: Length T of each piece; the last may be shorter.

    Yields:
        Inputs and targets, each (T, B).

    Raises:
        ValueError: A text too short for one step of every row.
    """
    length = (len(tokens) - 1) // batch_size
    if length < 1:
        raise ValueError(
            f"expected more than batch_size={batch_size} characters, got a text of {len(tokens)}"
        )
    used = length * batch_size
    inputs = tokens[:used].view(batch_size, length).t()
    targets = tokens[1 : used + 1].view(batch_size, length).t()
    yield from zip(inputs.split(num_steps), targets.split(num_steps), strict=True)
