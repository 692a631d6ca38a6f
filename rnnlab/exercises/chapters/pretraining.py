"""Exercises of the chapter "Pretraining".

Moving weights here; another vocabulary, and reading out, in the files beside it.

Axes: ``V`` tokens of the vocabulary, ``E`` numbers for each token, ``H`` hidden units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.exercises.chapters import pretraining_pooling, pretraining_vocabulary
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake, Question, random

Weights = dict[str, Tensor]


def handed_on(reader: Weights, classifier: Weights) -> Weights:
    """The classifier's weights, with those that read taken from the language model."""
    shared = {f"encoder.{name}": weight for name, weight in reader.items()}
    return {name: shared.get(name, weight) for name, weight in classifier.items()}


def _model_cases(generator: torch.Generator) -> Iterator[Arguments]:
    for V, E, H in ((4, 2, 3), (3, 3, 1)):
        shapes = {
            "embedding.weight": (V, E),
            "recurrent.weight_ih_l0": (3 * H, E),
            "recurrent.weight_hh_l0": (3 * H, H),
            "recurrent.bias_ih_l0": (3 * H,),
            "recurrent.bias_hh_l0": (3 * H,),
        }
        top = {"decoder.weight": (V, H), "decoder.bias": (V,)}  # as many classes as tokens
        reader = {name: random(generator, *shape) for name, shape in {**shapes, **top}.items()}
        classifier = {f"encoder.{name}": random(generator, *s) for name, s in shapes.items()}
        yield reader, classifier | {name: random(generator, *s) for name, s in top.items()}


def _chosen(reader, classifier, choose):
    found = {}
    for name, weight in classifier.items():
        short = name.removeprefix("encoder.")
        found[name] = reader[short] if choose(name, short) else weight
    return found


def _by_the_same_name(reader, classifier):
    return _chosen(reader, classifier, lambda name, _: name in reader)


def _the_answer_too(reader, classifier):
    return _chosen(reader, classifier, lambda *_: True)


def _embedding_alone(reader, classifier):
    return _chosen(reader, classifier, lambda _, short: short.startswith("embedding"))


def _recurrent_alone(reader, classifier):
    return _chosen(reader, classifier, lambda _, short: short.startswith("recurrent"))


def _no_biases(reader, classifier):
    return _chosen(
        reader, classifier, lambda name, _: name.startswith("encoder.") and "bias" not in name
    )


def sgd_step(weights: Weights, gradients: Weights, rate: float, frozen: tuple[str, ...]) -> Weights:
    """One step of gradient descent that leaves the frozen parts as they are."""
    return {
        name: weight if name.startswith(frozen) else weight - rate * gradients[name]
        for name, weight in weights.items()
    }


def _step_cases(generator: torch.Generator) -> Iterator[Arguments]:
    names = (
        *("encoder.embedding.weight", "encoder.recurrent.weight_hh_l0", "encoder.recurrent.bias"),
        *("decoder.weight", "decoder.encoder.bias"),
    )
    for frozen in (("encoder.",), ("encoder.embedding.", "decoder.")):
        weights, gradients = ({name: random(generator, 2, 2) for name in names} for _ in range(2))
        yield weights, gradients, 0.1, frozen


def _stepped(weights, gradients, rate, is_frozen):
    return {n: w if is_frozen(n) else w - rate * gradients[n] for n, w in weights.items()}


def _all_of_it(weights, gradients, rate, _):
    return _stepped(weights, gradients, rate, lambda _: False)


def _the_others(weights, gradients, rate, frozen):
    return _stepped(weights, gradients, rate, lambda name: not name.startswith(frozen))


def _anywhere(weights, gradients, rate, frozen):
    return _stepped(weights, gradients, rate, lambda name: any(part in name for part in frozen))


def _first_alone(weights, gradients, rate, frozen):
    return _stepped(weights, gradients, rate, lambda name: name.startswith(frozen[0]))


def _uphill(weights, gradients, rate, frozen):
    return sgd_step(weights, gradients, -rate, frozen)


def _set_to_zero(weights, gradients, rate, frozen):
    new = sgd_step(weights, gradients, rate, frozen)
    return {name: 0 * w if name.startswith(frozen) else w for name, w in new.items()}


EXERCISES: tuple[Exercise | Question, ...] = (
    Exercise(
        name="pretraining-hand-on",
        chapter="pretraining",
        title="Hand it on",
        goal="move weights by name from a language model into a classifier",
        minutes=15,
        level="medium",
        hints=(
            "Which parts do both models have, and by which names? Write the two lists side by "
            "side.",
            "In the classifier the parts that read stand under `encoder.`. The linear layer on top "
            "has the same name in both, and must not be moved.",
            "Go through the classifier's names. Where the reader has the same name without "
            "`encoder.` in front, take its weight; else keep the classifier's.",
        ),
        mistakes=(
            Mistake(
                "names are compared as they are",
                "Only what has the very same name was moved, and that is the linear layer: the one "
                "part that should stay. Look at what stands in front of the others.",
                _by_the_same_name,
            ),
            Mistake(
                "the answering layer is moved too",
                "What reads has arrived. But the linear layer was moved too: its name and even its "
                "shape fit, and its rows are tokens, not classes.",
                _the_answer_too,
            ),
            Mistake(
                "the embedding alone",
                "Only the embedding was moved. The recurrent layer reads too.",
                _embedding_alone,
            ),
            Mistake(
                "the recurrent layer alone",
                "Only the recurrent layer was moved. It was trained on vectors of the pretrained "
                "embedding, and now reads others.",
                _recurrent_alone,
            ),
            Mistake(
                "the biases stay behind",
                "The matrices were moved, the biases were not.",
                _no_biases,
            ),
        ),
        stub='''def handed_on(reader, classifier):
    """What a classifier starts from: as it is, but it reads as the language model does.

    reader: a language model's weights by name: embedding.weight, recurrent.…, decoder.….
    classifier: a classifier's: encoder.embedding.weight, encoder.recurrent.…, decoder.….
    Returns a new dictionary with the classifier's names.
    """
    raise NotImplementedError
''',
        reference=handed_on,
        cases=_model_cases,
        about="what is handed on",
    ),
    Exercise(
        name="pretraining-freeze",
        chapter="pretraining",
        title="Frozen parts",
        goal="train a part and leave the rest",
        minutes=10,
        level="easy",
        hints=(
            "A frozen weight is the same after the step as before.",
            "Whether a part is frozen is told by how its name *begins*. `startswith` takes a tuple "
            "of beginnings.",
            "For each name: the weight itself if it begins so, else the weight minus `rate` times "
            "its gradient.",
        ),
        mistakes=(
            Mistake(
                "nothing is frozen",
                "Everything was moved. The frozen parts shall stay.",
                _all_of_it,
            ),
            Mistake(
                "the others are frozen",
                "The frozen parts were trained, and the others left.",
                _the_others,
            ),
            Mistake(
                "the name counts anywhere",
                "A weight was left because the word stands somewhere in its name. What counts is "
                "how the name begins.",
                _anywhere,
            ),
            Mistake(
                "only the first of the frozen parts",
                "Only the first of the frozen parts stayed. There may be several.",
                _first_alone,
            ),
            Mistake(
                "uphill",
                "The right parts were moved, in the direction in which the loss grows.",
                _uphill,
            ),
            Mistake(
                "frozen weights are zero",
                "The frozen weights became 0. It is their *step* that is 0.",
                _set_to_zero,
            ),
        ),
        stub='''def sgd_step(weights, gradients, rate, frozen):
    """One step of gradient descent that leaves some parts as they are.

    weights, gradients: dictionaries of tensors with the same names. rate: the learning rate.
    frozen: a tuple of the beginnings of names. Returns a new dictionary of weights.
    """
    raise NotImplementedError
''',
        reference=sgd_step,
        cases=_step_cases,
        about="frozen or free",
    ),
    *pretraining_vocabulary.EXERCISES,
    *pretraining_pooling.EXERCISES,
    Question(
        name="pretraining-left-to-train",
        chapter="pretraining",
        title="What is left to train",
        goal="count what a frozen reader leaves",
        minutes=5,
        level="easy",
        hints=(
            "Everything that reads is frozen. What is left is one linear layer.",
            "It takes a state of 64 numbers and gives a score for each of 16 intents.",
            "A linear layer has a bias for each score.",
        ),
        mistakes=(
            Mistake(
                "no biases",
                "Those are the weights. A linear layer has biases too.",
                64 * 16,
            ),
            Mistake(
                "the biases belong to the inputs",
                "There is one bias for each score, not for each number that comes in.",
                64 * 16 + 64,
            ),
            Mistake(
                "the layer's sides are added",
                "Every score looks at every number of the state: the sides are multiplied.",
                64 + 16,
            ),
            Mistake(
                "the recurrent layer",
                "That is the recurrent layer, which is frozen.",
                3 * 64 * (32 + 64) + 2 * 3 * 64,
            ),
        ),
        answer=lambda: sum(p.numel() for p in torch.nn.Linear(64, 16).parameters()),
        explained="The frozen GRU alone has eighteen times as many; and what is left is a convex "
        "problem.",
    ),
)
