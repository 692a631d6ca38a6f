"""All exercises by name, in the order of the book."""

from rnnlab.exercises.chapters import (
    attention,
    both_directions,
    choosing,
    claims,
    counting_parameters,
    encoder_decoder,
    four_shapes,
    gru,
    language_models,
    learning_through_time,
    lstm,
    making_it_fast,
    pretraining,
    rnn,
    what_they_remember,
)
from rnnlab.exercises.exercise import Exercise, Question

#: In the order of the book.
_CHAPTERS = (
    rnn,
    lstm,
    gru,
    counting_parameters,
    four_shapes,
    both_directions,
    encoder_decoder,
    attention,
    learning_through_time,
    making_it_fast,
    language_models,
    what_they_remember,
    pretraining,
    choosing,
    claims,
)

CATALOGUE: dict[str, Exercise | Question] = {
    task.name: task for chapter in _CHAPTERS for task in chapter.EXERCISES
}


def named(name: str) -> Exercise | Question:
    """Return an exercise.

    Raises:
        ValueError: No exercise of that name; the message lists those that are spelled alike.
    """
    if name not in CATALOGUE:
        import difflib  # noqa: PLC0415 - only where something is misspelled

        near = difflib.get_close_matches(name, CATALOGUE, n=3, cutoff=0.4) or list(CATALOGUE)[:3]
        raise ValueError(f"expected the name of an exercise, such as {near}, got {name!r}")
    return CATALOGUE[name]
