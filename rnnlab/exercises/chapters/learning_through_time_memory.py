"""Exercises of the chapter "Learning through time": what is cut off, and what is kept."""

from rnnlab.exercises.exercise import Exercise, Mistake, Question


def longest(budget: float) -> float:
    """The number of segments times the length of one, where 2n = 7s = budget / 2."""
    return (budget / 4) * (budget / 14)


def _pairs(steps: int, window: int) -> int:
    return sum(s // window == t // window for t in range(steps) for s in range(t + 1))


EXERCISES: tuple[Exercise | Question, ...] = (
    Question(
        name="bptt-windows",
        chapter="learning-through-time",
        title="What the windows see",
        goal="count what truncation leaves out",
        minutes=5,
        level="easy",
        hints=(
            "Within a window of one step there is one pair. Within one of two steps there are "
            "three.",
            "A window of $k$ steps has $k(k + 1)/2$ pairs: the first loss sees one input, the last "
            "one sees $k$.",
            "There are $120 / 10$ windows, and no pair reaches across an edge.",
        ),
        mistakes=(
            Mistake(
                "no truncation",
                "Those are all pairs. At the edges of the windows the way back is cut.",
                7260,
            ),
            Mistake(
                "every loss sees a whole window",
                "You let every loss see ten inputs. Only the last step of a window does; the first "
                "one sees itself alone.",
                1200,
            ),
            Mistake(
                "a loss does not see its own step",
                "You left out the pairs of a loss with the input of the same step.",
                540,
            ),
            Mistake(
                "one window",
                "That is one window. How many are there?",
                55,
            ),
            Mistake(
                "all pairs shared out",
                "You divided all pairs among the windows. But most pairs have their two steps in "
                "different windows, and are lost.",
                605,
            ),
        ),
        answer=lambda: _pairs(120, 10),
        explained="Twelve windows with 55 pairs each; less than a tenth of all. It is the far "
        "pairs that are missing.",
    ),
    Exercise(
        name="bptt-budget",
        chapter="learning-through-time",
        title="A budget of memory",
        goal="turn memory into a length",
        minutes=15,
        level="medium",
        hints=(
            "With $n$ segments of $s$ steps, what is kept? What is the length?",
            "You want $n \\cdot s$ as large as it gets under $2n + 7s = M$. The product of two "
            "numbers with a given sum is largest when they are equal.",
            "So $2n = 7s = M/2$.",
        ),
        mistakes=(
            Mistake(
                "no segments",
                "That is how far the memory reaches if every step is kept. Cut the way into "
                "segments, and keep only one of them in full.",
                lambda budget: budget / 7,
            ),
            Mistake(
                "the memory is spent twice",
                "The starts got the whole memory, and so did the segment. They have to share it.",
                lambda budget: (budget / 2) * (budget / 7),
            ),
            Mistake(
                "as many segments as steps in one",
                "You took as many segments as each has steps. A start costs less than a step, so "
                "the best division of the memory has more segments.",
                lambda budget: (budget / 9) ** 2,
            ),
            Mistake(
                "the number of segments",
                "That is the best number of segments. Asked for is the length: segments times "
                "the steps in each.",
                lambda budget: budget / 4,
            ),
        ),
        stub='''def longest(budget):
    """Over how many steps of an LSTM can one go back with so much memory?

    budget: how many states the memory holds, at least 1000. Kept are 2 for the start of each
    segment, and 7 for each step of one segment. Returns a number; 2 % off will do.
    """
    raise NotImplementedError
''',
        reference=longest,
        cases=lambda _: iter([(1_000,), (10_000,), (2_500,)]),
        tolerance=0.02,
        about="memory, and how to buy it back",
        explained="Ten times the memory goes a hundred times as far: memory is the root of the "
        "length.",
    ),
)
