"""MyST Markdown as plain Markdown, which any notebook front end shows well.

Directives become blockquotes, headings and `<details>`; roles become numbers, links and text. What
this module does not know it refuses, so that no raw directive or role reaches a notebook.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from glance import NAME as AT_A_GLANCE
from glance import TITLE, lines
from pages import FENCE, TARGET, Index, Page
from references import Bibliography

ADMONITIONS = ("note", "tip", "warning", "important", "seealso", "admonition")
TITLES = {"seealso": "See also"}
ROLE = re.compile(r"\{(?P<name>[a-z]+(?::[a-z]+)?)\}`(?P<content>[^`]+)`")
TITLED = re.compile(r"^(?P<title>.*?)\s*<(?P<target>[^<>]+)>$")
PAGE_LINK = re.compile(r"\]\((?P<page>[\w-]+)\.md(?P<anchor>#[\w-]+)?\)")
OPTION = re.compile(r"^:(?P<name>[\w-]+):\s*(?P<value>.*)$")


@dataclass
class Plain:
    """Converts the Markdown of one page.

    Attributes:
        page: The page.
        index: Every label of the book.
        bibliography: Every work that may be cited.
        cited: Keys cited so far, in order; the reference list is made of them.
        in_solution: Whether the text so far ends within the solution of an exercise.
    """

    page: Page
    index: Index
    bibliography: Bibliography
    cited: list[str] = field(default_factory=list)
    in_solution: bool = False

    def convert(self, markdown: str) -> str:
        """Convert a Markdown cell.

        Raises:
            ValueError: A directive, role or label that is not known; the message names the page.
        """
        return "\n".join(self._blocks(markdown.splitlines())).strip()

    def _error(self, problem: str) -> ValueError:
        return ValueError(f"book/{self.page.path.name}: {problem}")

    def _blocks(self, lines: list[str]) -> Iterator[str]:
        rest = iter(lines)
        for line in rest:
            if match := FENCE.match(line):
                body = _until(rest, match["fence"])
                yield from self._directive(match["name"], match["argument"].strip(), body)
            elif match := re.match(r"^(`{3,})", line):  # a listing stays as it is
                yield from (line, *_until(rest, match[1]), match[1])
            elif match := TARGET.match(line):
                yield f'<a id="{match["name"]}"></a>\n'
            elif re.search(r"\[\^[\w-]+\]", line):
                raise self._error("footnotes have no plain form; say it in the text or in a note")
            elif not line.startswith("% "):  # a comment
                yield self.inline(line)

    def _directive(self, name: str, argument: str, body: list[str]) -> Iterator[str]:
        options: dict[str, str] = {}
        while body and (match := OPTION.match(body[0])):
            options[match["name"]] = match["value"]
            body = body[1:]
        handlers: dict[str, Callable[[str, dict[str, str], list[str]], Iterator[str]]] = {
            "math": self._math,
            AT_A_GLANCE: self._at_a_glance,
            "cover": self._cover,
            "dropdown": self._dropdown,
            "explorer": self._explorer,
            "exercise": self._exercise,
            "solution-start": self._solution,
            "solution-end": self._end_of_solution,
        }
        if name in ADMONITIONS:
            title = argument if name == "admonition" else TITLES.get(name, name.capitalize())
            yield from self._quote(title, body)
        elif name in handlers:
            yield from handlers[name](argument, options, body)
        else:
            raise self._error(f"the directive {{{name}}} has no plain form")

    def _quote(self, title: str, body: list[str]) -> Iterator[str]:
        yield f"> **{self.inline(title)}**"
        yield ">"
        inner = "\n".join(self._blocks(body)).strip()
        yield from (f"> {line}".rstrip() for line in inner.splitlines())

    def _at_a_glance(self, _: str, __: dict[str, str], body: list[str]) -> Iterator[str]:
        yield from self._quote(TITLE, lines(self.page, body))

    def _cover(self, *_: object) -> Iterator[str]:
        import cover  # noqa: PLC0415 - it counts what the package holds, and only one page needs it

        yield from self._blocks(list(cover.lines()))

    def _math(self, _: str, options: dict[str, str], body: list[str]) -> Iterator[str]:
        tag = ""
        if "label" in options:
            tag = f" \\tag{{{self.index.targets[options['label']].text}}}"
        yield from ("$$", "\n".join(body).strip() + tag, "$$")

    def _dropdown(self, title: str, _: dict[str, str], body: list[str]) -> Iterator[str]:
        yield f"<details>\n<summary>{title}</summary>\n"
        yield "\n".join(self._blocks(body)).strip()
        yield "\n</details>\n"

    def _explorer(self, _: str, options: dict[str, str], __: list[str]) -> Iterator[str]:
        yield (
            f"> **{options['title']}.** It stands here on the book's page, to be used in a "
            "browser. The cells below compute the same numbers."
        )

    def _exercise(self, title: str, options: dict[str, str], body: list[str]) -> Iterator[str]:
        number = self.index.targets[options["label"]].text
        yield f'<a id="{options["label"]}"></a>\n'
        yield f"### Exercise {number}: {self.inline(title)}\n"
        yield from self._blocks(body)

    def _solution(self, label: str, _: dict[str, str], body: list[str]) -> Iterator[str]:
        self.in_solution = True
        yield f"**Solution to exercise {self.index.targets[label].text}** (unfold the cells below)"
        yield from self._blocks(body)

    def _end_of_solution(self, *_: object) -> Iterator[str]:
        self.in_solution = False
        yield ""

    def inline(self, text: str) -> str:
        """Convert the roles and links within a line."""
        text = ROLE.sub(self._role, text)
        return PAGE_LINK.sub(
            lambda match: f"]({self._place(match['page'])}{match['anchor'] or ''})", text
        )

    def _place(self, name: str) -> str:
        """Where a page is, seen from a notebook: the notebook beside it, or its source."""
        try:
            page = self.index.page(name)
        except KeyError:
            raise self._error(f"no page is called {name!r}") from None
        return f"{name}.ipynb" if page.has_notebook else f"../book/{name}.md"

    def _role(self, match: re.Match[str]) -> str:
        name, content = match["name"], match["content"]
        title, target = "", content
        if name not in {"cite", "cite:t", "cite:p"} and (titled := TITLED.match(content)):
            title, target = titled["title"], titled["target"]
        if name in {"eq", "ref", "numref"}:
            return self._reference(name, title, target)
        if name == "doc":
            return f"[{title or self.index.page(target).title}]({self._place(target)})"
        if name == "term":
            return title or target
        if name.startswith("cite"):
            return self._citation(content, textual=name == "cite:t")
        if name.startswith("py:"):
            return f"`{title or (target[1:].split('.')[-1] if target[0] == '~' else target)}`"
        raise self._error(f"the role {{{name}}} has no plain form")

    def _reference(self, role: str, title: str, label: str) -> str:
        if label not in self.index.targets:
            raise self._error(f"no label is called {label!r}")
        target = self.index.targets[label]
        if role == "eq":
            text = f"({target.text})"
        elif target.kind == "section":
            text = title or target.text
        elif role == "numref" and "%s" in title:
            text = title.replace("%s", target.text)
        else:
            text = title or f"{target.kind.capitalize()} {target.text}"
        here = target.page.name == self.page.name
        anchored = target.kind in {"section", "exercise"}
        if here and not anchored:
            return text
        place = "" if here else self._place(target.page.name)
        return f"[{text}]({place}{'#' + label if anchored else ''})"

    def _citation(self, keys: str, *, textual: bool) -> str:
        names = [key.strip() for key in keys.split(",")]
        for key in names:
            if key not in self.bibliography.works:
                raise self._error(f"no work is called {key!r} in references.bib")
            if key not in self.cited:
                self.cited.append(key)
        if textual:
            return ", ".join(self.bibliography.textual(key) for key in names)
        return "(" + "; ".join(self.bibliography.parenthetical(key) for key in names) + ")"


def _until(rest: Iterator[str], fence: str) -> list[str]:
    """The lines up to the one that closes a fence."""
    body = []
    for line in rest:
        if line.startswith(fence) and not line.strip("`"):
            break
        body.append(line)
    return body
