"""Wrong answers by the hundred: a function's source with one thing changed.

A mutant changes one operator, sign, name, constant or argument. Its description tells what was
changed and in which line, so that one that is equivalent to the original can be named.
"""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator

BINARY = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Add,
}
COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
NAMES = {
    "tanh": "sigmoid",
    "sigmoid": "tanh",
    "softmax": "log_softmax",
    "cos": "sin",
    "min": "max",
    "max": "min",
    "argmax": "argmin",
    "any": "all",
    "all": "any",
    "log": "exp",
    "exp": "log",
    "ones": "zeros",
    "zeros": "ones",
    "cumsum": "cumprod",
    "sum": "mean",
    "mean": "sum",
    "log2": "log",
}


def _changes(tree: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None], int]]:
    """What can be changed: a description, and what does it to the node of that number."""
    for index, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
            other = BINARY[type(node.op)]
            yield f"{type(node.op).__name__} to {other.__name__}", _set("op", other()), index
        if isinstance(node, ast.AugAssign) and type(node.op) in BINARY:
            yield "augmented operator", _set("op", BINARY[type(node.op)]()), index
        if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
            other = COMPARED[type(node.ops[0])]
            yield "comparison", _set("ops", [other(), *node.ops[1:]]), index
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield "sign", _set("op", ast.UAdd()), index
        number = isinstance(node, ast.Constant) and isinstance(node.value, int | float)
        if number and not isinstance(node.value, bool):
            yield f"{node.value} to {node.value + 1}", _set("value", node.value + 1), index
        if isinstance(node, ast.Attribute) and node.attr in NAMES:
            yield f"{node.attr} to {NAMES[node.attr]}", _set("attr", NAMES[node.attr]), index
        if isinstance(node, ast.Name) and node.id in NAMES:
            yield f"{node.id} to {NAMES[node.id]}", _set("id", NAMES[node.id]), index
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store) and len(node.elts) > 1:
            swapped = [node.elts[1], node.elts[0], *node.elts[2:]]
            yield "first two names exchanged", _set("elts", swapped), index


def _set(field: str, value: object) -> Callable[[ast.AST], None]:
    return lambda node: setattr(node, field, value)


def mutants(function: Callable) -> Iterator[tuple[str, Callable]]:
    """Make all mutants of a function, each with its description.

    Args:
        function: As it stands in its file; its module's names are visible to the mutants.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    definition.returns = None
    definition.decorator_list = []
    for argument in ast.walk(definition.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    for what, change, index in _changes(tree):
        mutated = copy.deepcopy(tree)
        node = list(ast.walk(mutated))[index]
        change(node)
        ast.fix_missing_locations(mutated)
        line = ast.unparse(_statement(mutated, node)).splitlines()[0]
        spaces = dict(function.__globals__)
        try:
            exec(compile(mutated, f"<mutant of {function.__name__}>", "exec"), spaces)
        except SyntaxError:
            continue
        yield f"{what}: {line}", spaces[definition.name]


def _statement(tree: ast.AST, node: ast.AST) -> ast.AST:
    """The smallest statement that holds a node."""
    holding = [
        statement
        for statement in ast.walk(tree)
        if isinstance(statement, ast.stmt) and any(part is node for part in ast.walk(statement))
    ]
    return min(holding, key=lambda statement: len(ast.unparse(statement)))
