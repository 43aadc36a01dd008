"""The command line as a user runs it: a process of its own, with a home of its own."""

import os
import subprocess
import sys
from pathlib import Path


def guanxi(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run `guanxi` with these words and GUANXI_HOME at `home`; wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, words)],
        env={**os.environ, "GUANXI_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
