"""An exercise of the chapter "Counting parameters": the same layers in Keras."""

from collections.abc import Iterator

import torch

from rnnlab.exercises.exercise import Arguments, Exercise, Mistake


def keras_count(kind: str, x: int, h: int, reset_after: bool = True) -> int:
    """Parameters of a layer as Keras counts them."""
    gates = {"rnn": 1, "gru": 3, "lstm": 4}[kind]
    biases = 2 if kind == "gru" and reset_after else 1
    return gates * h * (h + x + biases)


def _keras_cases(_: torch.Generator) -> Iterator[Arguments]:
    yield "lstm", 28, 256, True
    yield "gru", 28, 256, True
    yield "gru", 28, 256, False
    yield "rnn", 5, 3, True
    yield "lstm", 5, 3, False
    yield "gru", 5, 3  # reset_after as it is by default


def _keras_with(biases):
    """The answer that has so many biases for each gate."""

    def answer(kind, x, h, reset_after=True):
        gates = {"rnn": 1, "gru": 3, "lstm": 4}[kind]
        return gates * h * (h + x + biases(kind, reset_after))

    return answer


def _candidate_twice(kind, x, h, reset_after=True):
    return keras_count(kind, x, h, False) + (h if kind == "gru" and reset_after else 0)


KERAS = Exercise(
    name="count-keras",
    chapter="counting-parameters",
    title="What Keras would print",
    goal="carry a count to another library",
    minutes=10,
    level="easy",
    hints=(
        "Everything but the number of biases is the same as in PyTorch.",
        "In which of the three kinds, and with which setting, does Keras keep two biases?",
        "Two biases for each gate where the kind is a GRU *and* `reset_after` is true, one "
        "otherwise. Then it is gates · h · (h + x + biases).",
    ),
    mistakes=(
        Mistake(
            "two biases everywhere",
            "That is what PyTorch would print: two biases for each gate. Keras keeps one, but for "
            "one case.",
            _keras_with(lambda *_: 2),
        ),
        Mistake(
            "one bias everywhere",
            "The GRU with `reset_after` comes out too small. Why can its two biases not be one?",
            _keras_with(lambda *_: 1),
        ),
        Mistake(
            "the setting is read the wrong way round",
            "The GRU has its second bias just where it needs none. With the reset *after* the "
            "product the two cannot be merged.",
            _keras_with(lambda kind, after: 2 if kind == "gru" and not after else 1),
        ),
        Mistake(
            "the setting applies to every kind",
            "`reset_after` changes the count of kinds that have no reset gate. Which kind has one?",
            _keras_with(lambda _, after: 2 if after else 1),
        ),
        Mistake(
            "no biases",
            "Those are the matrices alone. Keras keeps at least one bias for each gate.",
            _keras_with(lambda *_: 0),
        ),
        Mistake(
            "a second bias for the candidate only",
            "Only the candidate has got its second bias. That would do for the equations; Keras "
            "stores one for all three blocks.",
            _candidate_twice,
        ),
    ),
    stub='''def keras_count(kind, x, h, reset_after=True):
    """How many parameters Keras prints for a layer of kind "rnn", "gru" or "lstm".

    One bias for each gate; in a GRU with reset_after, two.
    Returns an integer.
    """
    raise NotImplementedError
''',
    reference=keras_count,
    cases=_keras_cases,
    about="biases: none, one or two",
    tolerance=0.0,
)
