"""Promise: what a chapter shows as the package's source is the package's source."""

import inspect
from pathlib import Path

import pytest

from rnnlab import scratch
from rnnlab.inspection import show_source, source_of
from rnnlab.scratch import updates


@pytest.mark.parametrize("thing", [updates.lstm_update, scratch.LSTMCell, scratch.LSTMCell.forward])
def test_source_is_the_files(thing):
    source = source_of(thing)
    file = Path(inspect.getsourcefile(thing)).read_text(encoding="utf-8")
    assert all(line.strip() in file for line in source.splitlines())
    assert not source.startswith(" ")


@pytest.mark.parametrize("thing", [updates.lstm_update, scratch.LSTMCell, scratch.LSTMCell.forward])
def test_without_docstring_the_code_is_the_same(thing):
    short = source_of(thing, docstring=False)
    assert thing.__doc__.splitlines()[0] in source_of(thing)
    assert thing.__doc__.splitlines()[0] not in short
    compile(short, "shown", "exec")
    assert len(short) < len(source_of(thing))


def undocumented(x):
    return x


def test_nothing_is_cut_where_there_is_no_docstring():
    assert source_of(undocumented, docstring=False) == source_of(undocumented)


def test_shown_as_markdown_under_the_files_name():
    shown = show_source(updates.rnn_update).data
    assert shown.startswith("From `rnnlab/scratch/updates.py`:\n\n```python\ndef rnn_update(")
    assert shown.endswith("\n```")
