"""Exercises of the chapter "What do they remember?": a grammar."""

from collections.abc import Iterator

import torch

from rnnlab.data.reber import GRAPH
from rnnlab.exercises.exercise import Arguments, Exercise, Mistake

Graph = tuple[dict[str, int], ...]


def successors(graph: Graph, seen: str) -> str:
    """The letters on the ways that lead on from the node to which the letters seen have led."""
    node = 0
    for letter in seen:
        if letter not in graph[node]:
            return ""
        node = graph[node][letter]
    return "".join(sorted(graph[node]))


_REBER: Graph = (*GRAPH, {})
_SMALL: Graph = ({"a": 1, "b": 0}, {"a": 0, "c": 2}, {})


def _graph_cases(_: torch.Generator) -> Iterator[Arguments]:
    for seen in ("", "T", "TXXTVPS", "PVV", "TSSX", "PTTVPXT", "TP", "PVVE"):
        yield _REBER, seen
    for seen in ("bbac", "aba", "baa"):
        yield _SMALL, seen


def _from_the_start(graph, _):
    return "".join(sorted(graph[0]))


def _one_behind(graph, seen):
    return successors(graph, seen[:-1])


def _last_letter_alone(graph, seen):
    if not seen:
        return successors(graph, "")
    reached = {node[seen[-1]] for node in graph if seen[-1] in node}
    return "".join(sorted({letter for place in reached for letter in graph[place]}))


def _nothing_refused(graph, seen):
    node = 0
    for letter in seen:
        node = graph[node].get(letter, node)
    return "".join(sorted(graph[node]))


def _first_way(graph, seen):
    node = 0
    for _ in seen:
        if not graph[node]:
            return ""
        node = next(iter(graph[node].values()))
    return "".join(sorted(graph[node]))


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="memory-reber",
        chapter="what-they-remember",
        title="What may come next?",
        goal="find the letters that a grammar allows",
        minutes=15,
        level="medium",
        hints=(
            "The letters seen so far lead along the arrows from node 0 to one node. The letters on "
            "the arrows that leave it may come next.",
            "Go through the letters one by one, and keep a single number: the node.",
            "If the node has no arrow with the letter, the string is none of the grammar's: return "
            "an empty string. At the end join the sorted letters of the node.",
        ),
        mistakes=(
            Mistake(
                "always from the start",
                "Those are the letters that leave node 0, whatever was seen. Follow the arrows.",
                _from_the_start,
            ),
            Mistake(
                "one letter behind",
                "Those are the letters that could have come in place of the last one. It must be "
                "followed too.",
                _one_behind,
            ),
            Mistake(
                "the last letter decides",
                "You looked at the last letter alone, and so found what a bigram model knows. The "
                "same letter stands on several arrows; the node tells them apart.",
                _last_letter_alone,
            ),
            Mistake(
                "a wrong letter is passed over",
                "A letter that the node does not allow was skipped. Such a string is not of the "
                "grammar, and nothing may follow.",
                _nothing_refused,
            ),
            Mistake(
                "always the first way",
                "At every node the first way was taken. Which one it is depends on the letter.",
                _first_way,
            ),
        ),
        stub='''def successors(graph, seen):
    """The letters that may follow, in a grammar like Reber's.

    graph: for each node a dictionary from letters to the nodes that they lead to.
    seen: the letters so far, from node 0 on. Returns the letters in order, as a string; an empty
    one if nothing can follow or the letters seen are against the grammar.
    """
    raise NotImplementedError
''',
        reference=successors,
        cases=_graph_cases,
        about="tasks with a dial",
        explained="The node is all the memory that an inner string needs: one of seven. The letter "
        "before it is the one more bit that the embedded grammar asks for.",
    ),
)
