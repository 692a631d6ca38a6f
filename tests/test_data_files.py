"""Promise: a file by its name is whole and right; without a network one is told what to do."""

import hashlib
import http.client
import io
import os
import stat
import string
import urllib.error
from pathlib import Path

import pytest

from rnnlab.data import load_book_text, load_time_machine, time_machine
from rnnlab.data.files import VARIABLE, RemoteFile, fetch, find, folder, sha1_of

CONTENT = b"The Time Traveller (for so it will be convenient to speak of him)\n"
FILE = RemoteFile("some.txt", "http://nowhere.invalid/some.txt", hashlib.sha1(CONTENT).hexdigest())
REAL = os.environ.get(VARIABLE)


class Network:
    """What stands for the web: it gives an answer, or breaks."""

    def __init__(self):
        self.calls, self.answer = [], CONTENT

    def __call__(self, url, timeout):
        self.calls.append(url)
        assert timeout > 0
        if isinstance(self.answer, Exception):
            raise self.answer
        return io.BytesIO(self.answer)


@pytest.fixture(autouse=True)
def network(monkeypatch):
    stub = Network()
    monkeypatch.setattr("rnnlab.data.files.urllib.request.urlopen", stub)
    return stub


@pytest.fixture
def home(monkeypatch, tmp_path):
    """The folder in the variable: not there yet."""
    path = tmp_path / "data" / "deep"
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def test_the_variable_is_looked_at_first(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "chosen"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert folder() == tmp_path / "chosen"
    for unset in (None, ""):
        monkeypatch.delenv(VARIABLE) if unset is None else monkeypatch.setenv(VARIABLE, unset)
        assert folder() == tmp_path / "cache" / "rnnlab"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "me")
    assert folder() == tmp_path / "me" / ".cache" / "rnnlab"


def test_the_hash_is_sha1():
    assert sha1_of(b"abc") == "a9993e364706816aba3e25717850c26c9cd0d89d"  # FIPS 180's example
    assert sha1_of(CONTENT) != sha1_of(CONTENT[:-1])


def test_a_download_is_kept_and_not_repeated(home, network):
    assert find(FILE) is None
    path = fetch(FILE)
    assert path == home / "some.txt" == find(FILE)
    assert path.read_bytes() == CONTENT
    assert network.calls == [FILE.url]
    network.answer = urllib.error.URLError("no network")
    assert fetch(FILE) == path
    assert network.calls == [FILE.url]
    assert list(home.iterdir()) == [path]


@pytest.mark.parametrize("answer", [CONTENT[:-1], b"", CONTENT + b"!"])
def test_a_broken_download_leaves_nothing(home, network, answer):
    network.answer = answer
    with pytest.raises(ValueError, match=f"{FILE.url} with SHA-1 {FILE.sha1}, got"):
        fetch(FILE)
    assert not home.exists() or not list(home.iterdir())
    network.answer = CONTENT
    assert fetch(FILE).read_bytes() == CONTENT  # and may be tried again


@pytest.mark.parametrize("load", [find, fetch])
def test_another_file_of_that_name_is_refused_and_kept(home, network, load):
    home.mkdir(parents=True)
    (home / "some.txt").write_bytes(b"my own notes")
    with pytest.raises(ValueError, match=r"some\.txt with SHA-1 .*remove it, or put the right"):
        load(FILE)
    assert (home / "some.txt").read_bytes() == b"my own notes"
    assert network.calls == []


def assert_names_both_ways(error, home):
    message = str(error.value)
    assert "go online once" in message
    assert f"set {VARIABLE} to a folder that holds some.txt" in message
    assert all(part in message for part in (str(home), FILE.url, FILE.sha1))


@pytest.mark.parametrize(
    "broken",
    [
        urllib.error.URLError("name not known"),
        urllib.error.HTTPError(FILE.url, 404, "gone", None, None),
        TimeoutError("slow"),
        ConnectionResetError("cut"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_without_a_network_the_error_names_both_ways_out(home, network, broken):
    network.answer = broken
    with pytest.raises(OSError, match="got neither") as error:
        fetch(FILE)
    assert_names_both_ways(error, home)
    assert error.value.__cause__ is broken
    assert not home.exists()


def test_a_connection_that_ends_early_is_no_network_either(home, network):
    network.answer = http.client.IncompleteRead(CONTENT[:9], 50)
    with pytest.raises(OSError, match="got neither") as error:
        fetch(FILE)
    assert_names_both_ways(error, home)


def test_no_place_to_write_to_says_how_to_do_without(monkeypatch, tmp_path):
    (tmp_path / "a_file").touch()
    home = tmp_path / "a_file" / "data"  # nobody, not even root, can make this folder
    monkeypatch.setenv(VARIABLE, str(home))
    with pytest.raises(OSError, match=VARIABLE):
        fetch(FILE)


def test_a_file_gets_its_name_when_it_is_whole(home, monkeypatch):
    moved, replace = [], Path.replace

    def watched(draft, target):
        moved.append((draft.read_bytes(), draft.parent, Path(target).exists()))
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", watched)
    fetch(FILE)
    assert moved == [(CONTENT, home, False)]


@pytest.fixture
def full_disk(home, monkeypatch):
    """A folder after a write into it was interrupted."""

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        fetch(FILE)
    return home


def test_an_interrupted_write_leaves_no_file_of_that_name(full_disk):
    assert find(FILE) is None
    assert not (full_disk / "some.txt").exists()


def test_an_interrupted_write_leaves_nothing_at_all(full_disk):
    assert list(full_disk.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_shared_folders_file_can_be_read_by_all_who_may_read_others(home):
    path = fetch(FILE)
    (home / "plain").touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((home / "plain").stat().st_mode)


def use(monkeypatch, home, text):
    """Let some text stand for the book."""
    content = text.encode()
    home.mkdir(parents=True)
    (home / "book.txt").write_bytes(content)
    file = RemoteFile("book.txt", "http://nowhere.invalid/book.txt", sha1_of(content))
    monkeypatch.setattr(time_machine, "FILE", file)


def test_the_book_is_letters_and_single_spaces_and_lines_run_together(home, monkeypatch):
    use(
        monkeypatch, home, "  The Time Machine, by\nH. G. Wells [1898]\n\n\n--I--\nan 8-day clock\n"
    )
    assert load_time_machine() == "the time machine byh g wellsian day clock"
    assert load_time_machine(8) == "the time"
    assert load_time_machine(0) == ""
    assert load_time_machine(999) == load_time_machine()


def test_the_book_cannot_be_another(home, network):
    network.answer = b"Call me Ishmael."
    with pytest.raises(ValueError, match=time_machine.FILE.sha1):
        load_time_machine()
    network.answer = urllib.error.URLError("no network")
    with pytest.raises(OSError, match=r"timemachine\.txt"):
        load_time_machine()


@pytest.mark.skipif(
    not (REAL and (Path(REAL) / "timemachine.txt").is_file()),
    reason=f"needs timemachine.txt in the folder that ${VARIABLE} names",
)
def test_the_real_book_is_read_as_d2l_reads_it(network):
    text = load_time_machine()
    assert text.startswith("the time machine by h g wells")
    assert set(text) == set(string.ascii_lowercase + " ")
    assert "  " not in text
    lines = (Path(REAL) / "timemachine.txt").read_text(encoding="utf-8").split("\n")
    expected = []  # letter by letter, without regular expressions
    for line in lines:
        letters = [c.lower() if c in string.ascii_letters else " " for c in line]
        expected.append(" ".join("".join(letters).split()))
    assert text == "".join(expected)
    assert len(load_time_machine(10_000)) == 10_000
    assert text.startswith(load_time_machine(10_000))
    assert network.calls == []


def test_the_books_text_is_prose_in_plain_characters():
    text = load_book_text()
    allowed = set(string.ascii_letters + string.digits + string.punctuation + " \n")
    assert set(text) <= allowed
    assert len(text) > 40_000
    assert "recurrent network" in text
    assert not {"```", "{eq}", "$$", "import torch"} & set(text.split())
