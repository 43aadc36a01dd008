"""The classes of the embedded server laid out in one file, from which Java starts with half the work.

Run as `python -m tests.java_classes`, which makes the file where it is not there yet. A server that starts
before that, or of another version than the file's, starts as without it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

from graph.embedded import open_embedded
from graph.launch import runtime

FILE = Path(__file__).parents[1] / ".pytest_cache" / f"embedded-server-{version('arcadedb-embedded')}.classes"
OPTION = f"-XX:SharedArchiveFile={FILE}"


def lay_out() -> None:
    """Note which classes a server loads, and have Java write them all into the file, whole or not at all."""
    FILE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FILE.parent) as place:
        names, draft = Path(place, "names"), Path(place, "classes")
        os.environ["JDK_JAVA_OPTIONS"] = f"-XX:TieredStopAtLevel=1 -XX:DumpLoadedClassList={names}"
        open_embedded(Path(place, "graph"), "512m").stop()
        del os.environ["JDK_JAVA_OPTIONS"]
        java, jars = runtime()
        words = [
            *(java, "-XX:TieredStopAtLevel=1", "-Xshare:dump", "-XX:+AOTClassLinking"),
            *(f"-XX:SharedClassListFile={names}", f"-XX:SharedArchiveFile={draft}"),
            *("-cp", f"{jars}/*", "--add-modules", "jdk.incubator.vector"),
        ]
        subprocess.run(words, check=True, capture_output=True)
        draft.rename(FILE)


if __name__ == "__main__" and not FILE.exists():
    lay_out()
