"""A document of headed sections, as one HTML file that needs nothing else, or as Markdown. All text is plain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Table:
    """A table of finished texts."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs and tables in their order."""

    title: str
    blocks: tuple[str | Table, ...]


@dataclass(frozen=True)
class Document:
    """A title, one sentence below it, and sections."""

    title: str
    lead: str
    sections: tuple[Section, ...]


_STYLE = """
:root { color-scheme: light dark; --ink: #1c2526; --soft: #5b6768; --line: #d5dbdb; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaea; --soft: #a3adad; --line: #3a4444; --paper: #14191a; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.lead { color: var(--soft); margin-top: 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
""".strip()


def to_html(document: Document) -> str:
    """The document as HTML with its style inside; it loads nothing and runs no script."""
    body = "\n".join(_html_section(s) for s in document.sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title>\n<style>{_STYLE}</style></head>\n<body>\n"
        f'<h1>{escape(document.title)}</h1>\n<p class="lead">{escape(document.lead)}</p>\n{body}\n</body></html>\n'
    )


def to_markdown(document: Document) -> str:
    """The document as Markdown that shows exactly its characters."""
    head = f"# {_plain(document.title)}\n\n{_plain(document.lead)}\n"
    return "\n".join([head, *(_markdown_section(s) for s in document.sections)])


def _html_section(section: Section) -> str:
    blocks = "\n".join(_html_table(b) if isinstance(b, Table) else f"<p>{escape(b)}</p>" for b in section.blocks)
    return f"<h2>{escape(section.title)}</h2>\n{blocks}"


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'


def _markdown_section(section: Section) -> str:
    blocks = "\n\n".join(_markdown_table(b) if isinstance(b, Table) else _plain(b) for b in section.blocks)
    return f"## {_plain(section.title)}\n\n{blocks}\n"


def _markdown_table(table: Table) -> str:
    lines = [table.head, tuple("---" for _ in table.head), *table.rows]
    texts = [[cell if place == 1 else _plain(cell) for cell in line] for place, line in enumerate(lines)]
    return "\n".join(f"| {' | '.join(line)} |" for line in texts)


_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~$])")
_SPACE = re.compile(r"\s+")
_ADDRESS = re.compile(r"(?<=http)(s?):|(?<=www)\.|@", re.IGNORECASE)


def _plain(text: str) -> str:
    """Markdown that shows exactly these characters: no tag, picture, link or bare address comes of it."""
    marked = _MARKS.sub(r"\\\1", escape(_SPACE.sub(" ", text), quote=False))
    return _ADDRESS.sub(lambda found: f"{found.group(1) or ''}&#{ord(found.group()[-1])};", marked)
