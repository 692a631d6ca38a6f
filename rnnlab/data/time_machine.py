"""*The Time Machine* by H. G. Wells (1895), as Dive into Deep Learning distributes and reads it."""

import re

from rnnlab.data.files import RemoteFile, fetch

#: The entry of D2L's data hub.
FILE = RemoteFile(
    "timemachine.txt",
    "http://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt",
    "090b5e7e70c295757f55df93cb0a180b9691891a",
)


def load_time_machine(max_characters: int | None = None) -> str:
    """Return the book as D2L's models see it: lower-case letters and single spaces.

    As in D2L, each line is stripped and lines are joined with nothing between them, so the last
    word of a line runs into the first of the next.

    Args:
        max_characters: Take this many from the start; all if None. D2L takes 10 000.

    Returns:
        The text.

    Raises:
        OSError: The file is not on disk and cannot be downloaded; the message says both ways out.
        ValueError: The file is another than D2L's.
    """
    lines = fetch(FILE).read_text(encoding="utf-8").splitlines()
    text = "".join(re.sub("[^A-Za-z]+", " ", line).strip().lower() for line in lines)
    return text[:max_characters]
