"""Recurrent cells and layers from first principles: no ``torch.nn`` layer inside."""

from rnnlab.scratch.cells import GRUCell, LSTMCell, RNNCell
from rnnlab.scratch.equations import gate_weights, gru_step, lstm_step, rnn_step
from rnnlab.scratch.layers import GRU, LSTM, RNN

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "GRUCell",
    "LSTMCell",
    "RNNCell",
    "gate_weights",
    "gru_step",
    "lstm_step",
    "rnn_step",
]
