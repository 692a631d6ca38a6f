"""The ways in which a notebook can pass nbval although nothing was compared."""

import re

from nbformat import NotebookNode
from nbval.plugin import comment_markers, metadata_tags
from pages import only_code

#: Tags that exempt a cell's output from comparison; all others that nbval knows are refused.
EXEMPT = {"nbval-ignore-output"}
#: Only what differs from machine to machine may be exempt: a time, or the name of a device.
VARIES = re.compile(
    r"\bperf_counter\b|\bget_device_name\b|\bdefault_device\b|\bprint\(.*\bdevice\b"
)
#: Forms of MyST that a plain Markdown reader would show as they stand.
RAW = {
    "a role": re.compile(r"(?<!`)\{[a-z]+(?::[a-z]+)?\}`"),
    "a directive": re.compile(r"^\s*(?:> *)*`{3,}\s*\{|^\s*(?:> *)*:{3,}", re.MULTILINE),
    "a target": re.compile(r"^\([\w-]+\)=\s*$", re.MULTILINE),
    "a cell break": re.compile(r"^(?:\+\+\+|%%)", re.MULTILINE),
}
LISTING = re.compile(r"^(`{3,})[^{\n]*\n.*?^\1\s*$", re.MULTILINE | re.DOTALL)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Give a notebook's code cells."""
    return only_code(notebook.cells)


def not_executed(notebook: NotebookNode) -> list[str]:
    """A cell without a number was not run; without any output nothing is compared."""
    cells = code_cells(notebook)
    counts = [cell.execution_count for cell in cells]
    faults = [] if counts == list(range(1, len(cells) + 1)) else [f"run out of order: {counts}"]
    if not any(cell.outputs for cell in cells):
        faults.append("no output is stored")
    return faults


def exemptions(notebook: NotebookNode) -> list[str]:
    """A tag exempts a cell only where it prints a time or a device; no other tag of nbval's."""
    faults = []
    for cell in code_cells(notebook):
        tags = set(cell.metadata.get("tags", []))
        faults += [f"{cell.id}: tag {tag}" for tag in sorted((tags & set(metadata_tags)) - EXEMPT)]
        if tags & EXEMPT and not VARIES.search(cell.source):
            faults.append(f"{cell.id}: exempt, yet it prints neither a time nor a device")
    return faults


def markers(notebook: NotebookNode) -> list[str]:
    """No comment changes what nbval does: the tags say it where all can see it."""
    names = "|".join(map(re.escape, comment_markers))
    pattern = re.compile(rf"#\s*(?:{names})\b", re.IGNORECASE)
    return [
        f"{cell.id}: {hit[0]}"
        for cell in code_cells(notebook)
        if (hit := pattern.search(cell.source))
    ]


def bad_outputs(notebook: NotebookNode) -> list[str]:
    """No error, nothing on stderr, and no semicolon that is meant to hide an output."""
    faults = []
    for cell in code_cells(notebook):
        kinds = {output.get("name", output.output_type) for output in cell.outputs}
        faults += [f"{cell.id}: {kind} output" for kind in sorted(kinds & {"error", "stderr"})]
        if cell.source.rstrip().endswith(";"):
            faults.append(f"{cell.id}: a semicolon at the end hides nothing from nbval")
    return faults


def raw_markdown(notebook: NotebookNode) -> list[str]:
    """No form of MyST is left in the text; listings and code in a line may show one."""
    faults = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = LISTING.sub("", cell.source)
            faults += [f"{cell.id}: {what}" for what, form in RAW.items() if form.search(text)]
    return faults


RULES = (not_executed, exemptions, markers, bad_outputs, raw_markdown)


def faults(notebook: NotebookNode) -> list[str]:
    """List what is wrong with a notebook."""
    return [fault for rule in RULES for fault in rule(notebook)]
