"""Language models of characters: of the book's text, of *The Time Machine*, of any file."""

from pathlib import Path

import torch

from rnnlab import data
from rnnlab.models import LanguageModel, set_forget_bias
from rnnlab.tasks.setup import Options, Setup, Task
from rnnlab.training import Metrics, ReadingOn, classification, evaluate_text


def _setup(options: Options, train: str, held_out: str, everything: str) -> Setup:
    """Prepare a model of one text that is measured on another."""
    vocabulary = data.Vocabulary.of(everything)
    tokens, rest = vocabulary.encode(train), vocabulary.encode(held_out)
    torch.manual_seed(options.seed)

    def measure(model: torch.nn.Module) -> Metrics:
        device = next(model.parameters()).device
        return evaluate_text(model, rest.to(device))

    reads_on = options.partition == "sequential"
    cut = data.SequentialBatches if reads_on else data.random_windows
    return Setup(
        language_model(options, len(vocabulary)),
        cut(tokens, options.batch_size, options.num_steps, seed=options.seed),
        measure,
        measure,
        ReadingOn() if reads_on else classification,
        answer_is="character",
        about={"characters": "".join(vocabulary.tokens)},
        perplexing=True,
    )


def language_model(options: Options, size: int) -> LanguageModel:
    """Make the model; an LSTM's forget gates begin open, which speeds up its learning."""
    model = LanguageModel(
        size,
        options.hidden,
        options.cell,
        num_layers=options.layers,
        implementation=options.implementation,
    )
    if options.cell == "lstm":
        set_forget_bias(model.recurrent, 1.0)
    return model


def _nine_tenths(text: str) -> tuple[str, str]:
    cut = len(text) * 9 // 10
    return text[:cut], text[cut:]


def _book(options: Options) -> Setup:
    text = data.load_book_text()
    return _setup(options, *_nine_tenths(text), text)


def _file(options: Options) -> Setup:
    if options.file is None:
        raise ValueError("expected a text file for the task 'text', got none: give --file")
    text = Path(options.file).read_text(encoding="utf-8")
    return _setup(options, *_nine_tenths(text), text)


def _time_machine(options: Options) -> Setup:
    text = data.load_time_machine()
    if not options.characters:
        return _setup(options, *_nine_tenths(text), text)
    cut = options.characters
    if not 0 < cut <= len(text) // 2:
        raise ValueError(f"expected characters from 1 to {len(text) // 2}, got {cut}")
    return _setup(options, text[:cut], text[cut : 2 * cut], text)


TASKS = (
    Task("book", "the next character of this course's own English text", "N-to-N", _book),
    Task(
        "time-machine",
        "the next character of The Time Machine, in D2L's setting",
        "N-to-N",
        _time_machine,
        {"hidden": 256, "partition": "sequential"},
        steps=640,  # 80 epochs of 10 000 characters
        learning_rate=6e-3,
    ),
    Task("text", "the next character of a text file of yours (--file)", "N-to-N", _file),
)
