"""From tokens to indices and back. A token is a character or a word, as the task has it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows, in the order of their indices.

    Attributes:
        tokens: Every token once. A string stands for its characters.
        unknown: The token that stands for all others; without it, others are an error.
        separator: What stands between two tokens in a text: nothing for characters, a space for
            words.
    """

    tokens: Sequence[str]
    unknown: str | None = None
    separator: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", tuple(self.tokens))
        twice = [token for token, count in Counter(self.tokens).items() if count > 1]
        if twice:
            raise ValueError(f"expected every token once, got {twice} more than once")
        if self.unknown is not None and self.unknown not in self.tokens:
            raise ValueError(f"expected unknown to be one of the tokens, got {self.unknown!r}")

    @classmethod
    def of(
        cls,
        tokens: Iterable[str],
        *,
        special: Sequence[str] = (),
        unknown: str | None = None,
        least: int = 1,
        separator: str = "",
    ) -> "Vocabulary":
        """The vocabulary of all tokens that occur, in the order of their code points.

        Args:
            tokens: A text, for its characters, or any other tokens.
            special: Tokens that come first, such as a mark for the start of a sequence.
            unknown: The token that stands for all others; comes first of all.
            least: How often a token must occur to be known.
            separator: What stands between two tokens.

        Returns:
            The vocabulary.
        """
        first = [*([] if unknown is None else [unknown]), *special]
        counts = Counter(tokens)
        known = sorted(token for token, count in counts.items() if count >= least)
        return cls([*first, *(token for token in known if token not in first)], unknown, separator)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {token: k for k, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, token: str) -> int:
        """The index of one token."""
        return int(self.encode([token])[0])

    def encode(self, tokens: Iterable[str]) -> Tensor:
        """Return the index of each token, (N,), int64.

        Args:
            tokens: A text, for its characters, or a list of tokens.

        Returns:
            The indices.

        Raises:
            ValueError: A token that is not in the vocabulary, where none stands for the others.
        """
        tokens = list(tokens)
        other = None if self.unknown is None else self._index[self.unknown]
        indices = [self._index.get(token, other) for token in tokens]
        strangers = sorted({t for t, k in zip(tokens, indices, strict=True) if k is None})
        if strangers:
            known = "".join(self.tokens) if not self.separator else list(self.tokens)
            raise ValueError(f"expected tokens of the vocabulary {known!r}, got {strangers}")
        return torch.tensor(indices, dtype=torch.long)

    def decode(self, indices: Iterable[int] | Tensor) -> str:
        """Return the text of some indices, (N,).

        Raises:
            ValueError: An index that is none of the vocabulary's.
        """
        numbers = [int(k) for k in indices]
        if any(not 0 <= k < len(self) for k in numbers):
            raise ValueError(f"expected indices from 0 to {len(self) - 1}, got {numbers}")
        return self.separator.join(self.tokens[k] for k in numbers)
