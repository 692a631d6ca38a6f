"""The text that the models train on is the book's prose: whole plain sentences and nothing else."""

import corpus
import pytest

PAGE = """---
kernelspec: {name: python3}
---

# A title is no sentence

Some text with $x_t$ here. A plain sentence, it’s “fine”. See {eq}`rnn-cell` now.
我爱中国 is Chinese.

```{admonition} Predict before you run
:class: tip

What will happen to the state?
```

```{code-cell} ipython3
:tags: [hide-input]
print("no code at all")
```

| a table | is not prose |
|---|---|
| nor are | its cells |

$$
h_t = 0
$$
"""


def test_plain_sentences_are_kept_and_all_else_is_left_out() -> None:
    kept = [s for paragraph in corpus.paragraphs(PAGE) for s in corpus.sentences(paragraph)]
    assert kept == [
        'A plain sentence, it\'s "fine".',
        "What will happen to the state?",
    ]


@pytest.mark.parametrize(
    ("paragraph", "kept"),
    [
        ("One here. Two there.", ["One here.", "Two there."]),
        (": The definition of a term.", ["The definition of a term."]),
        (f"A formula {corpus.DROP} here. But not here.", ["But not here."]),
        ("Word.", []),
        ("Über allen Gipfeln. It is quiet.", ["It is quiet."]),
    ],
)
def test_sentences(paragraph: str, kept: list[str]) -> None:
    assert corpus.sentences(paragraph) == kept


def test_the_frozen_text_is_made_of_such_sentences() -> None:
    text = corpus.TARGET.read_text(encoding="ascii")
    assert text.endswith("\n")
    assert all(corpus.sentences(line) for line in text.splitlines())
    assert len(corpus.prose()) > 40_000
