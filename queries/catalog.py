"""The library: every query file below `library/`, by its name `topic/verb_noun`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from graph.errors import BadInput, NotFound, one_of
from queries.portable import digest
from queries.query import Query, parse

LIBRARY = Path(__file__).parent / "library"

INTRODUCTION = """# Queries

What one may ask. Ask one with `guanxi ask NAME param=value`, or at `/queries/NAME`.
This page is made from `queries/library/`; `python -m queries.catalog > docs/queries.md` makes it again.

A parameter without a default must be given; `= null` means no restriction; `= run` means the date of
the newest refresh (today where none has run). Dates are written 2026-10-31, lists with commas.
Below a question's rows it says whether there were more, the date of its figures and the run they come from.
"""


@cache
def catalog() -> Mapping[str, Query]:
    """Every query of the library, sorted by name. Raises BadInput for a file that breaks the rules."""
    return MappingProxyType(load(LIBRARY))


def load(folder: Path) -> dict[str, Query]:
    """The queries in `<folder>/<topic>/<verb_noun>.cypher`, sorted by name."""
    queries: dict[str, Query] = {}
    for path in sorted(folder.glob("*/*.cypher")):
        name = f"{path.parent.name}/{path.stem}"
        shown = path.relative_to(folder.parent).as_posix()
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(f"{shown}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
        queries[name] = parse(text, name, shown)
    return queries


def find(name: str) -> Query:
    """The query of that name. Raises NotFound with the nearest names and all known ones."""
    known = catalog()
    if name in known:
        return known[name]
    nearest = _nearest(name, known)
    if nearest:
        near, names = " or ".join(nearest), ", ".join(known)
        raise NotFound(f"no query named {name!r}; did you mean {near}? known: {names}")
    raise NotFound(one_of("query", name, known))


def _nearest(name: str, known: Iterable[str]) -> list[str]:
    """Up to three names that resemble it, whole or in the part after the slash."""
    names = list(known)
    short = {full.split("/", 1)[1]: full for full in names}
    near = get_close_matches(name, names, n=3, cutoff=0.6)
    near += [short[s] for s in get_close_matches(name.rsplit("/", 1)[-1], short, n=3, cutoff=0.7)]
    return list(dict.fromkeys(near))[:3]


def digests() -> str:
    """What `queries.portable.CHECKED` holds: a digest a line for the library's texts, all of them checked."""
    return "".join(f"{line}\n" for line in sorted(digest(query.text) for query in catalog().values()))


def page() -> str:
    """The reference page of the library, Markdown; `docs/queries.md` is this text."""
    parts = [INTRODUCTION]
    for topic, queries in groupby(catalog().values(), key=lambda query: query.topic):
        parts.append(f"\n## {topic}\n")
        parts += [_section(query) for query in queries]
    return "".join(parts)


def _section(query: Query) -> str:
    lines = [f"\n### {query.name}", "", f"**{query.title}.** {query.about}", ""]
    lines += [f"For: {', '.join(query.audience)}.", ""]
    lines += [f"- `{param.usage}`: {param.doc}" for param in query.params]
    lines += [""] if query.params else []
    shown = [f"`{c.name}` ({c.doc})" if c.doc else f"`{c.name}`" for c in query.returns]
    return "\n".join([*lines, f"Returns {', '.join(shown)}."]) + "\n"


if __name__ == "__main__":
    print(page(), end="")
