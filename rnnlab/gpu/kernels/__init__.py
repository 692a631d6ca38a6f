"""The recurrences as Triton kernels. Importing this needs triton; nothing else in rnnlab does."""

from rnnlab.gpu.kernels.gru import gru_backward, gru_forward
from rnnlab.gpu.kernels.lstm import lstm_backward, lstm_forward
from rnnlab.gpu.kernels.rnn import rnn_backward, rnn_forward

__all__ = [
    "gru_backward",
    "gru_forward",
    "lstm_backward",
    "lstm_forward",
    "rnn_backward",
    "rnn_forward",
]
