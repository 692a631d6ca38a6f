"""Tang poems whose lines all have five characters: text of a fixed length, for N-to-N models.

From 《唐诗三百首》, "Three hundred Tang poems", a selection made in 1763. In ``verse_zh.txt`` a
poem is a block: its title and its author with a tab between them, then one couplet a line, as two
verse lines of five characters with a space between them. The punctuation is left out: it is the
editors', not the poets', and without it a couplet has exactly ten characters.

Axes: ``T`` time steps, the characters of a couplet.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import torch
from torch import Tensor, nn

from rnnlab.data.intents import SPLITS, Split
from rnnlab.data.shapes import TaggedSequences
from rnnlab.data.vocabulary import Vocabulary

#: Characters of a verse line, and of a couplet of two.
LINE, COUPLET = 5, 10

_HAN = "[\u4e00-\u9fff]"
_COUPLET = re.compile(rf"({_HAN}{{{LINE}}}) ({_HAN}{{{LINE}}})")


@dataclass(frozen=True)
class Poem:
    """A poem.

    Attributes:
        title: Its title.
        author: Who wrote it.
        lines: Its lines, of five characters each; an even number of them.
    """

    title: str
    author: str
    lines: tuple[str, ...]

    @classmethod
    def parse(cls, block: str) -> "Poem":
        """Read a block of the data file: title, tab, author; then one couplet a line.

        Raises:
            ValueError: A block of another form; the message quotes the line that is wrong.
        """
        head, *couplets = block.splitlines() or [""]
        title, _, author = head.partition("\t")
        if not (title.strip() and author.strip() and couplets):
            raise ValueError(f"expected 'title<tab>author' and couplets below it, got {head!r}")
        lines: list[str] = []
        for couplet in couplets:
            match = _COUPLET.fullmatch(couplet)
            if match is None:
                raise ValueError(
                    f"{title}: expected two lines of {LINE} Chinese characters with a space "
                    f"between them, got {couplet!r}"
                )
            lines += match.groups()
        return cls(title, author, tuple(lines))

    @property
    def couplets(self) -> tuple[str, ...]:
        """The lines in pairs, ten characters each."""
        return tuple(a + b for a, b in zip(self.lines[::2], self.lines[1::2], strict=True))

    @property
    def split(self) -> Split:
        """The split it belongs to; it depends on its own text alone. Eight in ten are to train."""
        share = zlib.crc32("".join(self.lines).encode()) % 10
        return SPLITS[1] if share == 0 else SPLITS[2] if share == 1 else SPLITS[0]


def parse(text: str) -> tuple[Poem, ...]:
    """Read poems, one a block, with an empty line between blocks.

    Raises:
        ValueError: A block of another form.
    """
    return tuple(Poem.parse(block) for block in text.strip("\n").split("\n\n"))


@dataclass(frozen=True)
class Verse:
    """The poems as tensors.

    Attributes:
        poems: All poems, in the order of the file.
        characters: Every character of every poem, those held out included: what is measured on
            them is the loss over a closed vocabulary.
    """

    poems: tuple[Poem, ...]
    characters: Vocabulary

    @property
    def start(self) -> int:
        """The input that stands before the first character; it is none of the characters."""
        return len(self.characters)

    def of(self, split: Split) -> tuple[Poem, ...]:
        """The poems of a split.

        Raises:
            ValueError: An unknown split.
        """
        if split not in SPLITS:
            raise ValueError(f"expected split to be one of {SPLITS}, got {split!r}")
        return tuple(poem for poem in self.poems if poem.split == split)

    def inputs(self, text: str) -> Tensor:
        """What a model reads to predict what follows a text: the start, then it, (len + 1,).

        Raises:
            ValueError: A character that no poem has.
        """
        return torch.cat([torch.tensor([self.start]), self.characters.encode(text)])

    def couplets(self, split: Split) -> TaggedSequences:
        """The couplets of a split for N-to-N models: each output is the next character.

        Returns:
            For each couplet the start and its first nine characters, (T,), and all ten, (T,);
            inputs are up to `start`, targets below it. T is 10.
        """
        return TaggedSequences(list(self._examples(split)))

    def _examples(self, split: Split) -> Iterator[tuple[Tensor, Tensor]]:
        for poem in self.of(split):
            for couplet in poem.couplets:
                yield self.inputs(couplet[:-1]), self.characters.encode(couplet)


@cache
def load_verse() -> Verse:
    """Load the poems.

    Returns:
        The poems and their characters.

    Raises:
        ValueError: A damaged file.
    """
    poems = parse((files("rnnlab.data") / "verse_zh.txt").read_text(encoding="utf-8"))
    return Verse(poems, Vocabulary.of("".join("".join(poem.lines) for poem in poems)))


@torch.no_grad()
def acrostic(
    model: nn.Module, verse: Verse, heads: str, choose: Callable[[Tensor], int]
) -> list[str]:
    """Write an acrostic (藏头诗): the first character of each line is given, the rest is chosen.

    Every line has five characters, whatever the model does: that many steps are taken.

    Args:
        model: Maps inputs (T, 1) to logits of the next characters (T, 1, V); in eval mode.
        verse: The poems that it was trained on.
        heads: The first characters; two lines make a couplet, of which the second has read the
            first.
        choose: Takes logits (V,), on the CPU, and returns the next character's index.

    Returns:
        The lines.

    Raises:
        ValueError: A character that no poem has.
    """
    device = next(model.parameters()).device
    lines: list[str] = []
    for k, head in enumerate(heads):
        before, line = lines[-1] if k % 2 else "", head
        while len(line) < LINE:
            logits: Tensor = model(verse.inputs(before + line)[:, None].to(device))
            line += verse.characters.tokens[choose(logits[-1, 0].cpu())]
        lines.append(line)
    return lines
