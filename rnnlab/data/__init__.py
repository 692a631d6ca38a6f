"""Data sets and what turns them into tensors; all of it works without a network."""

from rnnlab.data.book_text import load_book_text
from rnnlab.data.characters import Vocabulary, random_windows, sequential_windows

__all__ = ["Vocabulary", "load_book_text", "random_windows", "sequential_windows"]
