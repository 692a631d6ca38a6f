"""Exercises of the chapter "Making it fast": operations, bytes, and what waits for what."""

import math

from rnnlab.exercises.exercise import Exercise, Mistake, Question


def operations(kind: str, T: int, B: int, X: int, H: int) -> int:
    """The operations in the matrix products of a training step; the input needs no gradient."""
    G = {"RNN": 1, "LSTM": 4, "GRU": 3}[kind] * H
    return 2 * T * B * G * (2 * X + 3 * H)


_GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


def product_ms(n: int, k: int, m: int, size: int, gigaoperations: float, gigabytes: float) -> float:
    """The greater of two times: that of the arithmetic and that of the memory."""
    arithmetic = 2 * n * k * m / gigaoperations
    memory = size * (n * k + k * m + n * m) / gigabytes
    return max(arithmetic, memory) * 1000 / 10**9


def _times(n, k, m, size, gigaoperations, gigabytes):
    moved = size * (n * k + k * m + n * m)
    return 2 * n * k * m / gigaoperations / 1e6, moved / gigabytes / 1e6


def _half_operations(n, k, m, size, gigaoperations, gigabytes):
    return product_ms(n, k, m, size, 2 * gigaoperations, gigabytes)


def _matrix_alone(n, k, m, size, gigaoperations, gigabytes):
    arithmetic, _ = _times(n, k, m, size, gigaoperations, gigabytes)
    return max(arithmetic, size * k * m / gigabytes / 1e6)


def _moments(layers: int, steps: int) -> int:
    """When the last cell of a stack is done, each as soon as those that it needs are."""
    done: dict[tuple[int, int], int] = {}
    for layer in range(layers):
        for t in range(steps):
            done[layer, t] = 1 + max(done.get((layer - 1, t), 0), done.get((layer, t - 1), 0))
    return max(done.values())


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="fast-operations",
        chapter="making-it-fast",
        title="Count before you measure",
        goal="count the operations of a training step",
        minutes=10,
        level="easy",
        hints=(
            "There is an equation for it in the chapter. What is $G$ for each of the three cells?",
            "Forward: $2TBG(X + H)$. The gradient of the weights costs the same again. The "
            "gradient of the states costs $2TBGH$ more.",
            "$G$ is the number of blocks, 1, 4 or 3, times $H$. Together it is $2TBG(2X + 3H)$.",
        ),
        mistakes=(
            Mistake(
                "forward alone",
                "That is the forward pass. A training step also computes gradients, of the "
                "weights and of the states.",
                lambda kind, T, B, X, H: 2 * T * B * _GATES[kind] * H * (X + H),
            ),
            Mistake(
                "multiplications alone",
                "That counts multiplications. In a product each comes with an addition.",
                lambda kind, T, B, X, H: T * B * _GATES[kind] * H * (2 * X + 3 * H),
            ),
            Mistake(
                "the input's gradient too",
                "You counted a gradient of the input. Nobody asks for it here.",
                lambda kind, T, B, X, H: 2 * T * B * _GATES[kind] * H * (3 * X + 3 * H),
            ),
            Mistake(
                "the state's gradient is missing",
                "The forward pass and the gradient of the weights are there. How does the gradient "
                "get from one step to the step before?",
                lambda kind, T, B, X, H: 2 * T * B * _GATES[kind] * H * (2 * X + 2 * H),
            ),
            Mistake(
                "rows of one unit",
                "You took the number of blocks for the number of rows. Each block has a row for "
                "every unit.",
                lambda kind, T, B, X, H: 2 * T * B * _GATES[kind] * (2 * X + 3 * H),
            ),
        ),
        stub='''def operations(kind, T, B, X, H):
    """Multiplications and additions in the matrix products of a training step.

    kind: "RNN", "LSTM" or "GRU". T steps, B sequences, X inputs, H units. Forward, the gradient
    of the weights, and that of the states; the input needs none. Returns a whole number.
    """
    raise NotImplementedError
''',
        reference=operations,
        cases=lambda _: iter(
            [
                ("RNN", 3, 2, 4, 5),
                ("LSTM", 5, 1, 2, 3),
                ("GRU", 2, 3, 1, 4),
                ("LSTM", 1, 1, 1, 1),
            ]
        ),
        about="what the machine can do",
        explained="PyTorch's `FlopCounterMode` counts $2BGH$ less: the first state is a constant, "
        "and nobody asks for its gradient.",
    ),
    Exercise(
        name="fast-roofline",
        chapter="making-it-fast",
        title="Under the roof",
        goal="state the time that no way of writing a product can beat",
        minutes=10,
        level="medium",
        hints=(
            "Two things have to be done: the arithmetic, and bringing the numbers from and to "
            "memory. At best they are done at the same time.",
            "There are $2nkm$ operations. Two matrices are read and one is written; each number "
            "has `size` bytes.",
            "Each time is an amount over a speed. The limit is the *greater* of the two, and a "
            "giga is $10^9$.",
        ),
        mistakes=(
            Mistake(
                "the times are added",
                "The two times were added. That is what it takes if one waits for the other; the "
                "limit lets them overlap.",
                lambda *a: sum(_times(*a)),
            ),
            Mistake(
                "the lesser time",
                "You took the lesser of the two times. The slower one sets the limit.",
                lambda *a: min(_times(*a)),
            ),
            Mistake(
                "arithmetic alone",
                "The memory plays no part in it. With few rows it is the memory that decides.",
                lambda *a: _times(*a)[0],
            ),
            Mistake(
                "half of the operations",
                "Each multiplication of a product comes with an addition, and both count.",
                _half_operations,
            ),
            Mistake(
                "one matrix alone is moved",
                "Only the weights were counted among the bytes. The rows that come in and those "
                "that go out are moved too.",
                _matrix_alone,
            ),
            Mistake(
                "seconds",
                "That is in seconds. Asked for are milliseconds.",
                lambda *a: product_ms(*a) / 1000,
            ),
        ),
        stub='''def product_ms(n, k, m, size, gigaoperations, gigabytes):
    """The least milliseconds for a product of an (n, k) by a (k, m) matrix, by the roofline.

    size: bytes of a number. gigaoperations, gigabytes: what the machine does in a second.
    All three matrices pass once through memory. Returns a number.
    """
    raise NotImplementedError
''',
        reference=product_ms,
        cases=lambda _: iter(
            [
                (1, 256, 1024, 4, 100.0, 10.0),
                (1120, 256, 1024, 4, 100.0, 10.0),
                (32, 64, 128, 8, 7.0, 90.0),
                (16, 16, 16, 2, 2.0, 0.5),
            ]
        ),
        about="arithmetic intensity and the roofline",
    ),
    Question(
        name="fast-wave",
        chapter="making-it-fast",
        title="A wave through a stack",
        goal="say what waits for what",
        minutes=5,
        level="easy",
        hints=(
            "A cell needs the one below it and the one to its left. Which cells can be computed "
            "at moment 2?",
            "The first layer is done after 100 moments. How much later is the second?",
            "Each further layer is one moment behind: $L + T - 1$.",
        ),
        mistakes=(
            Mistake(
                "one cell at a time",
                "That is one cell after the other. Cells on a falling diagonal do not wait for "
                "each other.",
                400,
            ),
            Mistake(
                "all layers at once",
                "Then all layers would have to start together. But layer 2 needs what layer 1 "
                "gives at the same step.",
                100,
            ),
            Mistake(
                "one too many",
                "Nearly. The first cell of layer 2 is computed together with the second of layer "
                "1, so each further layer costs one moment, and the first one none.",
                104,
            ),
            Mistake(
                "the steps shared among the layers",
                "The layers cannot share the steps among them: every layer has to go through all "
                "of them.",
                25,
            ),
        ),
        answer=lambda: _moments(layers=4, steps=100),
        explained="$L + T - 1$: nearly as if there were a single layer.",
    ),
    Question(
        name="fast-rounds",
        chapter="making-it-fast",
        title="Rounds of doubling",
        goal="see how fast a scan reaches back",
        minutes=5,
        level="easy",
        hints=(
            "After the first round a pair stands for 2 steps, after the second for 4.",
            "How often must 1 be doubled until it is at least 1000?",
            "$2^9 = 512$ is not enough.",
        ),
        mistakes=(
            Mistake(
                "one too few",
                "After nine rounds a pair reaches 512 steps back. The last state needs all 1000.",
                9,
            ),
            Mistake(
                "as many as steps",
                "That is the loop. In a round the reach does not grow by one, it doubles.",
                1000,
            ),
            Mistake(
                "half as many as steps",
                "Joining neighbours halves what is left, but that is one round, and there are "
                "more.",
                500,
            ),
            Mistake(
                "up and down",
                "That is the tree, which goes up and down again. Asked for is the doubling.",
                20,
            ),
        ),
        answer=lambda: math.ceil(math.log2(1000)),
        explained="Ten rounds in place of 1000 steps. Each round has up to 1000 pairs to join: "
        "the work is not less, it is more.",
    ),
)
