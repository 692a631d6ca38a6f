"""Exercises of the chapter "Encoder-decoder"."""

from itertools import pairwise, product
from math import prod

from rnnlab.exercises.chapters.encoder_decoder_beam import BEAM, RANKING
from rnnlab.exercises.chapters.encoder_decoder_greedy import GREEDY
from rnnlab.exercises.chapters.encoder_decoder_teaching import PROBABILITY, TEACHING
from rnnlab.exercises.exercise import Exercise, Mistake, Question

#: The probability of each token after each other one; "^" is the start and "." the stop.
_TABLE = {
    "^": {"a": 0.6, "b": 0.4, ".": 0.0},
    "a": {"a": 0.4, "b": 0.3, ".": 0.3},
    "b": {"a": 0.1, "b": 0.1, ".": 0.8},
}


def _probability(text: str) -> float:
    """The probability of an output, the stop included."""
    path = f"^{text}."
    return prod(_TABLE[before][after] for before, after in pairwise(path))


def _greatest() -> float:
    """The probability of the likeliest of all outputs of up to six tokens."""
    texts = ("".join(letters) for n in range(7) for letters in product("ab", repeat=n))
    return round(max(map(_probability, texts)), 6)


LIKELIEST = Question(
    name="seq2seq-likeliest",
    chapter="encoder-decoder",
    title="Greedy goes astray",
    goal="find the likeliest output by hand",
    minutes=10,
    level="easy",
    hints=(
        "Greedy decoding begins with a. What does it write after a, and after that?",
        "Try the short outputs: a, b, aa, ab, ba, bb. Do not forget the stop.",
        "A product of probabilities only shrinks, so no output that begins with a has more than "
        "0.6, and after two steps much less. Compare with b and its stop.",
    ),
    mistakes=(
        Mistake(
            "the first step alone",
            "That is the likeliest first token alone. An output has a factor for each token and "
            "one for the stop.",
            0.6,
        ),
        Mistake(
            "the stop is forgotten",
            "You have found the likeliest output, but the factor of its stop is missing.",
            0.4,
        ),
        Mistake(
            "the first step of greedy",
            "That is “a” with its stop: the likeliest token first, then the end. Is there an "
            "output that begins less likely and ends better?",
            0.18,
        ),
        Mistake(
            "one step more than the best",
            "That is “ab” with its stop. There is a shorter output that is likelier.",
            0.144,
        ),
    ),
    answer=_greatest,
    tolerance=1e-4,
    explained="It is “b” with its stop. Greedy decoding writes a for ever: after a, a is the "
    "likeliest token, and it never comes to the stop.",
)

SAME = Question(
    name="seq2seq-same-answers",
    chapter="encoder-decoder",
    title="Where exposure bias lives",
    goal="say what teacher forcing hides and what it does not",
    minutes=5,
    level="easy",
    hints=(
        "What does a greedy decoder read up to its first mistake?",
        "An answer that is right as a whole has no first mistake.",
        "So on such an input both decoders have read the same tokens at every step. And on the "
        "others?",
    ),
    mistakes=(
        Mistake(
            "fewer",
            "That holds for single tokens, which get worse after a first mistake. An answer with a "
            "mistake is wrong as a whole either way; see What teacher forcing hides.",
            "fewer",
        ),
        Mistake(
            "more",
            "Its own tokens are at best the right ones, and then nothing differs.",
            "more",
        ),
        Mistake(
            "as many, but others",
            "The number is right. But look at one answer that is right with the teacher: what does "
            "the decoder read when it runs by itself on the same input?",
            "as many, on partly other inputs",
        ),
    ),
    options=("fewer", "more", "as many, on the same inputs", "as many, on partly other inputs"),
    answer=lambda: "as many, on the same inputs",
    explained="Up to its first mistake it reads just what the teacher would have said.",
)

EXERCISES: tuple[Exercise | Question, ...] = (
    PROBABILITY,
    TEACHING,
    SAME,
    GREEDY,
    LIKELIEST,
    BEAM,
    RANKING,
)
