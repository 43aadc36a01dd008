"""Commands of the phone vault: see the number behind a token, and who saw which; new keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opened import AsTable, read_settings
from api.show import Format, say, show
from graph.errors import Damaged

if TYPE_CHECKING:
    from ingest.phones.vault import Vault

commands = typer.Typer()
group = typer.Typer(no_args_is_help=True)
commands.add_typer(group, name="vault", help="The phone vault: numbers behind tokens, and who saw them.")

Token = Annotated[str, typer.Argument(help="Token of a number, such as k1:y174qgFnxvCeB_RHvjud4g.")]
Why = Annotated[str, typer.Option(help="The reason; it is kept in the log for good.")]


@group.command()
def reveal(token: Token, why: Why) -> None:
    """Print the number behind a token, after the log has your name and the reason."""
    print(_vault().reveal(token, _who(), why), flush=True)


@group.command()
def forget(token: Token, why: Why) -> None:
    """Erase the number behind a token for good; the token itself stays, and no load brings it back."""
    _vault().forget(token, _who(), why)
    say(f"the number behind {token} is forgotten")


@group.command()
def log(form: AsTable = Format.table) -> None:
    """Show who saw or erased which number, when and why; end with 1 where the log was tampered with."""
    from ingest.phones.reveals import COLUMNS

    reveals = _vault().log
    show(list(reveals.lines()), form, COLUMNS)
    fault = reveals.first_fault()
    if fault is not None:
        raise Damaged(f"{reveals.path}, line {fault}: was changed, or the line before it was taken out")


@group.command()
def rotate(
    why: Why = "rotation",
    tokens: Annotated[
        bool, typer.Option("--tokens", help="Also a new key for tokens of numbers not seen before.")
    ] = False,
) -> None:
    """Encrypt every number anew under a new key; tokens stay as they are."""
    from ingest.phones.tokens import phone_keys

    vault, keys = _vault(), phone_keys(read_settings())
    count = vault.rotate(_who(), why)
    say(f"{count:,} numbers are encrypted under {vault.keyring.newest()}; back up {vault.keyring.file}")
    if tokens:
        say(f"tokens of numbers not seen before are made with {keys.add()}; back up {keys.file}")


def _vault() -> Vault:
    from ingest.phones.vault import vault_of

    return vault_of(read_settings())


def _who() -> str:
    """The user of the operating system, whatever the environment claims."""
    import os
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
