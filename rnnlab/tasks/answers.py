"""Tasks with short answers: intents, slots, digits, captions, dates."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn

from rnnlab import data
from rnnlab.data.dates import START, STOP, source_tokens, source_vocabulary, target_vocabulary
from rnnlab.data.digits import caption_vocabulary
from rnnlab.data.intents import SPLITS, Language, tokenize
from rnnlab.data.verse import acrostic
from rnnlab.models import (
    ConditionalGenerator,
    DecoderAttention,
    EncoderDecoder,
    SequenceClassifier,
    Tagger,
)
from rnnlab.models.decoding import pick
from rnnlab.scratch.scoring import Rule
from rnnlab.tasks.setup import Options, Setup, Task
from rnnlab.training import evaluate


def _measured(
    model: nn.Module,
    splits: Sequence[Any],
    options: Options,
    answer_is: str,
    replacement: bool = False,
) -> Setup:
    """Prepare a model that is trained on the first split and measured on the other two."""
    train, validation, test = splits
    return Setup(
        model,
        data.Batches(train, options.batch_size, seed=options.seed, replacement=replacement),
        lambda model: evaluate(model, validation),
        lambda model: evaluate(model, test),
        answer_is=answer_is,
    )


def _language(options: Options) -> Language:
    if options.language not in ("en", "zh"):
        raise ValueError(f"expected language to be 'en' or 'zh', got {options.language!r}")
    return "zh" if options.language == "zh" else "en"


def _over_words(
    kind: type[SequenceClassifier | Tagger], intents: data.Intents, classes: int, options: Options
) -> nn.Module:
    """Make a model that reads an utterance in both directions."""
    torch.manual_seed(options.seed)
    return kind(
        len(intents.words),
        classes,
        options.hidden,
        options.cell,
        embedding_size=64,
        num_layers=options.layers,
        bidirectional=True,
        dropout=0.4,
        implementation=options.implementation,
    )


def _intents(options: Options) -> Setup:
    intents = data.load_intents(_language(options))
    model = _over_words(SequenceClassifier, intents, len(intents.intents), options)
    return _measured(model, [intents.classification(s) for s in SPLITS], options, "utterance")


def _prompted(intents: data.Intents, prompt: str) -> Tensor:
    tokens = intents.encode(prompt)
    if len(tokens) == 0:
        raise ValueError(f"expected at least one word, got {prompt!r}")
    return tokens


def _which_intent(model: nn.Module, options: Options, prompt: str) -> str:
    intents = data.load_intents(_language(options))
    tokens = _prompted(intents, prompt)[:, None].to(next(model.parameters()).device)
    return intents.intents[int(model(tokens)[0].argmax())]


def _slots(options: Options) -> Setup:
    intents = data.load_intents(_language(options))
    model = _over_words(Tagger, intents, len(intents.tags), options)
    return _measured(model, [intents.tagging(s) for s in SPLITS], options, "word")


def _which_tags(model: nn.Module, options: Options, prompt: str) -> str:
    intents = data.load_intents(_language(options))
    words = tokenize(prompt)
    tokens = _prompted(intents, prompt)[:, None].to(next(model.parameters()).device)
    tags = [intents.tags[int(k)] for k in model(tokens)[:, 0].argmax(-1)]
    return " ".join(f"{word}/{tag}" for word, tag in zip(words, tags, strict=True))


def _verse(options: Options) -> Setup:
    verse = data.load_verse()
    torch.manual_seed(options.seed)
    model = Tagger(
        len(verse.characters) + 1,  # and the start
        len(verse.characters),
        options.hidden,
        options.cell,
        embedding_size=64,
        num_layers=options.layers,
        dropout=0.4,
        implementation=options.implementation,
    )
    return _measured(model, [verse.couplets(s) for s in SPLITS], options, "character")


def _acrostic(model: nn.Module, options: Options, prompt: str) -> str:
    generator = torch.Generator().manual_seed(options.seed)
    choose = partial(pick, temperature=0.5, generator=generator)
    return " ".join(acrostic(model, data.load_verse(), prompt, choose))


def _digits(options: Options, pixels: bool = False) -> Setup:
    loaded = [data.load_digits(split) for split in SPLITS]
    splits = [digits.as_pixels() if pixels else digits.as_rows() for digits in loaded]
    torch.manual_seed(options.seed)
    model = SequenceClassifier(
        1 if pixels else 8,
        10,
        options.hidden,
        options.cell,
        num_layers=options.layers,
        implementation=options.implementation,
    )
    return _measured(model, splits, options, "picture")


def _captions(options: Options) -> Setup:
    vocabulary = caption_vocabulary()
    splits = [data.load_digits(s).captioned(vocabulary, options.language) for s in SPLITS]
    torch.manual_seed(options.seed)
    model = ConditionalGenerator(
        64,
        len(vocabulary),
        options.hidden,
        options.cell,
        num_layers=options.layers,
        implementation=options.implementation,
    )
    return _measured(model, splits, options, "letter")


def _describe(model: nn.Module, _: Options, prompt: str) -> str:
    pictures = data.load_digits("test")
    if not prompt.isdecimal() or int(prompt) >= len(pictures):
        raise ValueError(
            f"expected the number of a test picture, 0 to {len(pictures) - 1}, got {prompt!r}"
        )
    vocabulary = caption_vocabulary()
    start, stop = vocabulary[data.digits.START], vocabulary[data.digits.STOP]
    image = pictures.images[int(prompt)].reshape(1, 64).to(next(model.parameters()).device)
    assert isinstance(model, ConditionalGenerator)
    letters = model.generate(image, start=start, stop=stop, most=8)[:, 0].tolist()
    return vocabulary.decode([k for k in letters if k != stop])


def _dates(options: Options) -> Setup:
    sizes = (10**9, 1000, 5000)  # there is no end of examples to train on
    splits = [
        data.Dates(split, size, seed=options.seed)
        for split, size in zip(SPLITS, sizes, strict=True)
    ]
    torch.manual_seed(options.seed)
    model = EncoderDecoder(
        len(source_vocabulary()),
        len(target_vocabulary()),
        options.hidden,
        options.cell,
        num_layers=options.layers,
        bidirectional=True,
        attention=_attention(options),
        implementation=options.implementation,
    )
    return _measured(model, splits, options, "character", replacement=True)


def _attention(options: Options) -> DecoderAttention | None:
    """The decoder's attention to an encoder of two directions."""
    if options.attention == "none":
        return None
    if options.attention in ("additive", "dot"):
        return DecoderAttention(options.hidden, 2 * options.hidden, cast(Rule, options.attention))
    raise ValueError(
        f"expected attention to be 'additive', 'dot' or 'none', got {options.attention!r}"
    )


def _to_iso(model: nn.Module, _: Options, prompt: str) -> str:
    locale, text = [*prompt.split(" ", 1), ""][:2]
    source = source_tokens(locale, text).to(next(model.parameters()).device)
    vocabulary = target_vocabulary()
    assert isinstance(model, EncoderDecoder)
    stop = vocabulary[STOP]
    answer = model.greedy(source[:, None], start=vocabulary[START], stop=stop, most=12)
    return vocabulary.decode([k for k in answer[:, 0].tolist() if k != stop])


TASKS = (
    Task("intents", "what an utterance asks for, in English or Chinese", "N-to-1", _intents,
         learning_rate=2e-3, respond=_which_intent),
    Task("slots", "which words of an utterance are a time, a place, ...", "N-to-N", _slots,
         learning_rate=2e-3, respond=_which_tags),
    Task("verse", "the next character of Tang poems in lines of five; prompts give acrostics",
         "N-to-N", _verse, steps=300, respond=_acrostic),
    Task("digits", "which digit a picture shows, read row by row", "N-to-1", _digits),
    Task("pixels", "the same, read pixel by pixel", "N-to-1", partial(_digits, pixels=True)),
    Task("captions", "a digit's name, letter by letter, from its picture", "1-to-N", _captions,
         steps=600, respond=_describe),
    Task("dates", "dates as people write them in 32 locales to ISO 8601", "N-to-M", _dates,
         {"cell": "gru", "hidden": 192, "batch_size": 128}, steps=3000, learning_rate=3e-3,
         respond=_to_iso),
)  # fmt: skip
