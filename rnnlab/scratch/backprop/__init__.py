"""Backpropagation through time, derived by hand: whole sequences, forward and backward."""

from rnnlab.scratch.backprop.function import Derivation, applies, run_readable, run_whole
from rnnlab.scratch.backprop.gru import GRUAfterDerivation, GRUBeforeDerivation
from rnnlab.scratch.backprop.lstm import LSTMDerivation
from rnnlab.scratch.backprop.products import packing_works, plain_products
from rnnlab.scratch.backprop.rnn import RNNDerivation
from rnnlab.scratch.backprop.steps import Steps

__all__ = [
    "Derivation",
    "GRUAfterDerivation",
    "GRUBeforeDerivation",
    "LSTMDerivation",
    "RNNDerivation",
    "Steps",
    "applies",
    "packing_works",
    "plain_products",
    "run_readable",
    "run_whole",
]
