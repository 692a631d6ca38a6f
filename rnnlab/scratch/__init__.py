"""Recurrent cells and layers, and attention, from first principles: no ``torch.nn`` layer."""

from rnnlab.scratch.attention import Attention, causal_mask, masked_softmax
from rnnlab.scratch.cells import GRUCell, LSTMCell, RNNCell
from rnnlab.scratch.equations import gate_weights, gru_step, lstm_step, rnn_step
from rnnlab.scratch.layers import GRU, LSTM, RNN
from rnnlab.scratch.minimal import MinGRU, MinLSTM
from rnnlab.scratch.multihead import MultiheadAttention
from rnnlab.scratch.parallel import combine, linear_recurrence
from rnnlab.scratch.scoring import (
    Score,
    additive_scores,
    dot_product_scores,
    linear_scores,
    location_scores,
)

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Attention",
    "GRUCell",
    "LSTMCell",
    "MinGRU",
    "MinLSTM",
    "MultiheadAttention",
    "RNNCell",
    "Score",
    "additive_scores",
    "causal_mask",
    "combine",
    "dot_product_scores",
    "gate_weights",
    "gru_step",
    "linear_recurrence",
    "linear_scores",
    "location_scores",
    "lstm_step",
    "masked_softmax",
    "rnn_step",
]
