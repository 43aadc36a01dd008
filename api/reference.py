"""The reference page of the command line and the settings, `docs/commands.md`, from the code itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from api.cli import app
from graph.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRODUCTION = """# The command line

Generated from `api/commands/` and `graph/settings.py` by `make docs`; a test keeps them equal.

Rows go to standard output (`--format table`, `json`: one array of objects, or `csv`), everything said
beside them to standard error. Exit code 0: done; 1: something failed that is not your doing; 2: a
mistake in what was asked, told in one sentence.
"""


def commands_page() -> str:
    """The whole page as Markdown."""
    return "\n".join((INTRODUCTION, *_commands(), *_settings()))


def _commands() -> Iterator[str]:
    group = typer.main.get_group(app)
    yield "## Before any command\n\n`guanxi [OPTIONS] COMMAND …`\n"
    ahead = [f"| {_spelled(p)} | {p.help} |" for p in group.params if isinstance(p, TyperOption)]
    yield "\n".join(["| | |", "|---|---|", *ahead, ""])
    for name, command in _each(group):
        arguments = [p for p in command.params if isinstance(p, TyperArgument)]
        options = [p for p in command.params if isinstance(p, TyperOption)]
        usage = " ".join(["guanxi", name, *(_placeholder(p) for p in arguments)])
        yield f"## `{usage}`\n\n{command.help}\n"
        rows = [f"| `{_placeholder(p)}` | {p.help} |" for p in arguments]
        rows += [f"| {_spelled(p)} | {p.help}{_default(p.default)} |" for p in options]
        yield "\n".join(["| | |", "|---|---|", *rows, ""])


def _each(group: TyperGroup, words: str = "") -> Iterator[tuple[str, TyperCommand]]:
    """Every command with the words that call it, those of a group within it included."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _each(command, f"{words}{name} ")
        elif isinstance(command, TyperCommand):
            yield f"{words}{name}", command


def _settings() -> Iterator[str]:
    yield "## Settings\n\nRead from the environment, or from a file `.env` in the working folder.\n"
    yield "| variable | default | meaning |\n|---|---|---|"
    for name, field in Settings.model_fields.items():
        shown = str(field.default).replace(str(Path.home()), "~")
        hidden = "empty" if "Secret" in type(field.default).__name__ else f"`{shown}`"
        yield f"| `GUANXI_{name.upper()}` | {hidden} | {field.description} |"
    yield ""


def _placeholder(argument: TyperArgument) -> str:
    shown = argument.metavar or str(argument.name).upper()
    return shown if argument.required or shown.startswith("[") else f"[{shown}]"


def _spelled(option: TyperOption) -> str:
    return ", ".join(f"`{word}`" for word in (*option.opts, *option.secondary_opts))


def _default(value: object) -> str:
    if value is None or value is False or value is ...:
        return ""
    return f" Default: {'on' if value is True else value}."
