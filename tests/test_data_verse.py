"""Promise: every line has five characters, no poem is in two splits, and a damaged file says so."""

import re
from collections import Counter
from functools import partial
from importlib.resources import files

import pytest
import torch
from torch import nn

from rnnlab import data
from rnnlab.data import collate, verse
from rnnlab.data.intents import SPLITS
from rnnlab.data.verse import Poem, acrostic, load_verse, parse
from rnnlab.models import Tagger
from rnnlab.models.decoding import pick

BLOCK = "登鹳雀楼\t王之涣\n白日依山尽 黄河入海流\n欲穷千里目 更上一层楼"
LINES = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")


def text():
    return (files("rnnlab.data") / "verse_zh.txt").read_text(encoding="utf-8")


def test_the_file_is_plain_and_every_line_of_every_poem_has_five_characters():
    raw = text()
    assert not set(raw) & set("\x1b\\\r\ufeff,.。？！%《》")
    assert raw == raw.strip("\n") + "\n"
    poems = load_verse().poems
    assert len(poems) == len(raw.split("\n\n")) > 100
    lines = [line for poem in poems for line in poem.lines]
    assert {len(line) for line in lines} == {5}
    assert all("\u4e00" <= character <= "\u9fff" for line in lines for character in line)
    # Counted in another way: everything that is neither a title line nor white space.
    bodies = "".join(re.sub(r"^.*\t.*$", "", raw, flags=re.MULTILINE).split())
    assert "".join(lines) == bodies


def test_a_block_is_read_as_it_stands():
    poem = Poem.parse(BLOCK)
    assert poem == Poem("登鹳雀楼", "王之涣", LINES)
    assert poem.couplets == ("白日依山尽黄河入海流", "欲穷千里目更上一层楼")
    assert poem in load_verse().poems
    assert parse(f"{BLOCK}\n\n{BLOCK}\n") == (poem, poem)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\t", " ", "expected 'title<tab>author'.*got '登鹳雀楼 王之涣'"),
        ("王之涣", "", "expected 'title<tab>author'"),
        (" 黄河入海流", "", "登鹳雀楼: expected two lines of 5.*got '白日依山尽'"),
        ("黄河入海流", "黄河入海", "got '白日依山尽 黄河入海'"),
        ("黄河入海流", "黄河入海流流", "got '白日依山尽 黄河入海流流'"),
        ("黄", "H", "got '白日依山尽 H河入海流'"),
        ("尽 黄", "尽，黄", "got '白日依山尽，黄河入海流'"),
        ("\n", "\n\n", "expected 'title<tab>author' and couplets"),
    ],
)
def test_a_damaged_file_is_told(old, new, message):
    assert parse(BLOCK)
    assert old in BLOCK
    with pytest.raises(ValueError, match=message):
        parse(BLOCK.replace(old, new, 1))


def test_every_poem_has_one_split_and_no_line_is_in_two():
    loaded = load_verse()
    found = {split: loaded.of(split) for split in SPLITS}
    assert sum(map(len, found.values())) == len(loaded.poems) == len(set(loaded.poems))
    where = {}
    for split, poems in found.items():
        for line in {line for poem in poems for line in poem.lines}:
            assert where.setdefault(line, split) == split
    assert len(where) == sum(len(poem.lines) for poem in loaded.poems)  # no line comes twice
    shares = [len(found[split]) / len(loaded.poems) for split in SPLITS]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)


def test_a_poem_keeps_its_split_whatever_stands_around_it():
    splits = [poem.split for poem in load_verse().poems]
    assert len(set(splits)) == 3
    blocks = text().strip("\n").split("\n\n")
    alone = [parse(block)[0].split for block in reversed(blocks)]
    assert alone[::-1] == splits
    # The title does not count: a correction there moves no poem.
    assert [Poem("", "", poem.lines).split for poem in load_verse().poems] == splits


def test_each_output_is_the_next_character():
    loaded = load_verse()
    couplets = loaded.couplets("train")
    written = [couplet for poem in loaded.of("train") for couplet in poem.couplets]
    assert len(couplets) == len(written)
    for (inputs, targets), couplet in zip(couplets.examples, written, strict=True):
        assert len(inputs) == len(targets) == 10
        assert inputs[0] == loaded.start == len(loaded.characters)
        assert torch.equal(inputs[1:], targets[:-1])
        assert loaded.characters.decode(targets) == couplet
    batch = collate(couplets, range(7))
    assert batch.inputs[0].shape == batch.targets.shape == (10, 7)
    assert not (batch.targets == data.IGNORED).any()  # nothing is padding: all have one length


def test_characters_are_those_of_all_poems():
    loaded = load_verse()
    counts = Counter("".join("".join(poem.lines) for poem in loaded.poems))
    assert set(loaded.characters.tokens) == set(counts)
    assert set("我爱中国") <= set(counts)
    with pytest.raises(ValueError, match="茄"):
        loaded.inputs("茄")


def test_what_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"'train'.*got 'dev'"):
        load_verse().of("dev")


class Follows(nn.Module):
    """Answers each character with the one that follows it in the vocabulary."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.read = []

    def forward(self, x):
        self.read.append(x[:, 0].tolist())
        size = len(load_verse().characters)
        return nn.functional.one_hot((x + 1) % size, size).double() + self.weight


def test_an_acrostic_has_the_given_heads_and_lines_of_five():
    loaded, model = load_verse(), Follows()
    lines = acrostic(model, loaded, "我爱中", lambda logits: int(logits.argmax()))
    first = loaded.characters["我"]
    tokens = loaded.characters.tokens
    assert lines[0] == "".join(tokens[(first + k) % len(tokens)] for k in range(5))
    assert [line[0] for line in lines] == list("我爱中")
    assert {len(line) for line in lines} == {5}
    # The second line of a couplet has read the first; the third begins anew.
    starts = [[loaded.start, *loaded.characters.encode(text)] for text in ("我", lines[0], "中")]
    assert model.read[0] == starts[0]
    assert model.read[4][:6] == starts[1]
    assert model.read[8] == starts[2]


def test_a_sampled_acrostic_depends_on_the_generator_alone():
    torch.manual_seed(0)
    loaded = load_verse()
    size = len(loaded.characters)
    model = Tagger(size + 1, size, 8, embedding_size=4).eval()

    def write(seed):
        choose = partial(pick, generator=torch.Generator().manual_seed(seed))
        return acrostic(model, loaded, "我爱中国", choose)

    assert write(1) == write(1) != write(2)
    assert {len(line) for line in write(3)} == {5}
    with pytest.raises(ValueError, match="茄"):
        acrostic(model, loaded, "茄", lambda logits: int(logits.argmax()))


def test_the_poems_are_loaded_once():
    assert verse.load_verse() is data.load_verse()
