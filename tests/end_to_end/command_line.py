"""The command line as a user runs it: a process of its own, with a home of its own."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NoReturn


def guanxi(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run `guanxi` with these words and GUANXI_HOME at `home`; wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, words)],
        env={**os.environ, "GUANXI_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def forked(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """As `guanxi`, in a process forked from one that has everything imported: of many, each saves seconds."""
    parent = _parent()
    assert parent.stdin
    assert parent.stdout
    with tempfile.TemporaryDirectory() as place:
        order = {
            "words": [*map(str, words)],
            "environment": {**os.environ, "GUANXI_HOME": str(home)},
            "said": [str(Path(place, name)) for name in ("out", "error")],
        }
        print(json.dumps(order), file=parent.stdin, flush=True)
        code = int(parent.stdout.readline())
        out, error = (Path(name).read_text(encoding="utf-8") for name in order["said"])
    return subprocess.CompletedProcess(list(words), code, out, error)


@cache
def _parent() -> subprocess.Popen[str]:
    """The process to fork from, which ends when its input does: with this one."""
    return subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _serve() -> None:
    """Fork a command for each line of standard input, and answer with its exit code."""
    import analytics.refresh  # noqa: F401
    import api.cli
    import ingest.publishing.publish
    import ingest.run  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
            _to_the_end(api.cli.main)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(order: dict[str, object]) -> None:
    """Take the words, the environment and the three files that the command is to have."""
    out, error = order["said"]  # type: ignore[misc]
    for number, path in enumerate((os.devnull, out, error)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    sys.argv = ["guanxi", *order["words"]]  # type: ignore[misc]


def _to_the_end(command: Callable[[], None]) -> NoReturn:
    """Run it and what is to run at exit; not the libraries' own ends, which expect the parent's threads."""
    code: object = 0
    try:
        command()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # told as Python does
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    _serve()
