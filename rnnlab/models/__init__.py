"""Models over recurrent layers: one class for each shape of input and output.

Every model runs on `rnnlab.scratch` or on ``torch.nn`` layers by one argument; both give the same
numbers from the same weights. What is behind the end of a padded sequence is never read.
"""

from rnnlab.models import decoding
from rnnlab.models.attending import DecoderAttention
from rnnlab.models.encoder_decoder import EncoderDecoder
from rnnlab.models.generator import ConditionalGenerator
from rnnlab.models.language_model import LanguageModel
from rnnlab.models.layers import (
    CellKind,
    Implementation,
    SequenceEncoder,
    State,
    recurrent_layer,
    set_forget_bias,
)
from rnnlab.models.ngram import NGram
from rnnlab.models.sequences import SequenceClassifier, Tagger

__all__ = [
    "CellKind",
    "ConditionalGenerator",
    "DecoderAttention",
    "EncoderDecoder",
    "Implementation",
    "LanguageModel",
    "NGram",
    "SequenceClassifier",
    "SequenceEncoder",
    "State",
    "Tagger",
    "decoding",
    "recurrent_layer",
    "set_forget_bias",
]
