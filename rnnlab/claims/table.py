"""The table of all claims, each row measured anew."""

import html
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rnnlab import results
from rnnlab.claims import cells, choosing, cost, gradients, memory, sequences
from rnnlab.claims import texts as language
from rnnlab.claims.claim import Claim, Evidence, Load

#: All claims by name, in the order of the curriculum.
CLAIMS: dict[str, Claim] = {
    claim.name: claim
    for claim in sorted(
        (
            *cells.CLAIMS,
            *gradients.CLAIMS,
            *choosing.CLAIMS,
            *cost.CLAIMS,
            *memory.CLAIMS,
            *sequences.CLAIMS,
            *language.CLAIMS,
        ),
        key=lambda claim: (int(claim.name.strip("Cab")), claim.name),
    )
}
_WIDTH = 88


@dataclass(frozen=True)
class Row:
    """A claim and what was found."""

    claim: Claim
    evidence: Evidence

    @property
    def source(self) -> str:
        """Where the numbers come from."""
        files = [f"results/{name}.json" for name in self.claim.sources]
        return " and ".join(files) or "computed here"


@dataclass(frozen=True)
class Table:
    """Rows, as text or as HTML."""

    rows: Sequence[Row]

    def __repr__(self) -> str:
        return "\n\n".join(_text(row) for row in self.rows)

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{head}</th>' for head in ("Claim", "Verdict", "Measured"))
        body = "".join(_html(row) for row in self.rows)
        return f'<table class="claims"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _text(row: Row) -> str:
    claim = row.claim

    def wrapped(text: str) -> str:
        return textwrap.fill(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")

    head = textwrap.fill(f"{claim.name}  {claim.says}", _WIDTH, subsequent_indent="    ")
    verdict = wrapped(f"{claim.verdict.upper()}: {claim.reading}")
    return "\n".join([head, verdict, wrapped(f"{row.evidence} [{row.source}]")])


def _html(row: Row) -> str:
    claim = row.claim
    texts = (claim.says, claim.verdict, claim.reading, str(row.evidence), row.source)
    says, verdict, reading, found, source = (html.escape(text, quote=False) for text in texts)
    return (
        f'<tr><th scope="row">{claim.name}: {says}</th>'
        f"<td><strong>{verdict}</strong>. {reading}</td>"
        f"<td>{found} <em>({source})</em></td></tr>"
    )


def settle(names: Iterable[str] | None = None, load: Load = results.load) -> Table:
    """Put claims to the test.

    Args:
        names: Which ones, such as ``["C4", "C5a"]``; all if None.
        load: Reads a result file by its name.

    Returns:
        Their table.

    Raises:
        ValueError: No claim of that name, or numbers that do not bear out a verdict.
    """
    rows = []
    for name in CLAIMS if names is None else names:
        if name not in CLAIMS:
            raise ValueError(f"expected a claim of {', '.join(CLAIMS)}, got {name!r}")
        claim = CLAIMS[name]
        evidence = claim.measure(load)
        if not evidence.bears_out:
            raise ValueError(
                f"expected numbers that bear out {name}, {claim.verdict!r}, got: {evidence}"
            )
        rows.append(Row(claim, evidence))
    return Table(rows)
