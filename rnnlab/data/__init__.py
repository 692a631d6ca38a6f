"""Data sets and what turns them into tensors; all but *The Time Machine* need no network."""

from rnnlab.data.batching import (
    IGNORED,
    Batch,
    Batches,
    collate,
    in_order,
    lengths_of,
    mask,
    pack,
    pad,
)
from rnnlab.data.book_text import load_book_text
from rnnlab.data.dates import Dates
from rnnlab.data.digits import Digits, load_digits
from rnnlab.data.intents import Intents, load_intents
from rnnlab.data.memory import Adding, Copy, TemporalOrder
from rnnlab.data.rearranging import Rearranging
from rnnlab.data.reber import EmbeddedReber
from rnnlab.data.shapes import (
    DescribedVectors,
    LabelledSequences,
    SequencePairs,
    TaggedSequences,
)
from rnnlab.data.time_machine import load_time_machine
from rnnlab.data.verse import Verse, load_verse
from rnnlab.data.vocabulary import Vocabulary
from rnnlab.data.windows import (
    SequentialBatches,
    Windows,
    random_windows,
    sequential_windows,
)

__all__ = [
    "IGNORED",
    "Adding",
    "Batch",
    "Batches",
    "Copy",
    "Dates",
    "DescribedVectors",
    "Digits",
    "EmbeddedReber",
    "Intents",
    "LabelledSequences",
    "Rearranging",
    "SequencePairs",
    "SequentialBatches",
    "TaggedSequences",
    "TemporalOrder",
    "Verse",
    "Vocabulary",
    "Windows",
    "collate",
    "in_order",
    "lengths_of",
    "load_book_text",
    "load_digits",
    "load_intents",
    "load_time_machine",
    "load_verse",
    "mask",
    "pack",
    "pad",
    "random_windows",
    "sequential_windows",
]
