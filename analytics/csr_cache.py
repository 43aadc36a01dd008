"""Ties as arrays, kept beside the lake: read from it once, mapped into memory from then on.

An entry is a folder of .npy files and the keys as an Arrow file, named after everything that its content
follows from. It appears whole or not at all, and whatever is not as it was written is read anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analytics.csr import TieGraph, lake_graph, matrix_of
from analytics.frames import TIE_MONTHS, day_of
from graph.asof import View
from graph.errors import Damaged
from graph.progress import Progress

FORMAT = 1
"""To be raised when the same rows of the lake come to other arrays."""
KEPT = 3
"""Entries kept, the last used ones; one of 20 million ties takes a gigabyte."""
READ_FROM = ("ties", "members", "identities")
MATRICES = ("directed", "undirected", "incoming")
PARTS = ("indptr", "indices", "data")
DRAFT = "draft-"
STALE = 24 * 3600.0
"""Seconds after which a draft is of a process that was cut off."""

Array = npt.NDArray[np.int32] | npt.NDArray[np.int64] | npt.NDArray[np.float64]


def cached_graph(
    view: View,
    folder: Path,
    months: int = TIE_MONTHS,
    half_life: float | None = None,
    progress: Progress | None = None,
) -> TieGraph:
    """As `csr.lake_graph`, from `folder` where it is kept there, else kept there for the next time.

    Mapped arrays are the caller's own: what is written to them stays in its memory. A damaged entry is read
    anew and a folder that cannot be written is done without; `progress` is told of both. Raises what
    `lake_graph` raises.
    """
    entry = folder / key_of(view, months, half_life)
    if entry.is_dir():
        try:
            return opened(entry)
        except (Damaged, OSError) as error:
            _tell(progress, f"ties are read anew: {error}")
    graph = lake_graph(view, months, half_life, progress)
    try:
        keep(graph, entry)
    except OSError as error:
        _tell(progress, f"ties are not kept for the next time: {error}")
    return graph


def key_of(view: View, months: int = TIE_MONTHS, half_life: float | None = None) -> str:
    """The name of an entry: other for other rows of the lake, another day or other parameters."""
    told = {
        "format": FORMAT,
        "day": day_of(view).isoformat(),
        "months": months,
        "half_life": half_life,
        "files": {table: view.files(table) for table in READ_FROM},
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def keep(graph: TieGraph, entry: Path) -> None:
    """Write an entry aside and put it in its place; what is there already gives way. Raises OSError."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=entry.parent))
    try:
        _write(graph, draft)
        _remove(entry)
        draft.rename(entry)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _forget(entry.parent)


def opened(entry: Path) -> TieGraph:
    """The graph of an entry. Raises Damaged where it is not as it was written, and OSError."""
    try:
        sums = json.loads((entry / "sums.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(entry / f"{name}.npy", mmap_mode="c").view(np.ndarray) for name in _names()}
        with pa.memory_map(str(entry / "keys.arrow")) as file:
            keys = pa.ipc.open_file(file).read_all()["key"].to_numpy()
    except (ValueError, EOFError, KeyError, pa.ArrowInvalid) as error:
        raise Damaged(f"the ties kept in {entry} cannot be read: {error}") from error
    for name, array in [*arrays.items(), ("keys", keys)]:
        if sums.get(name) != _sum(array):
            raise Damaged(f"the ties kept in {entry} are not as they were written: {name}")
    with suppress(OSError):  # a folder that may only be read serves as well
        os.utime(entry)
    directed, undirected, incoming = (
        matrix_of((arrays[f"{one}.indptr"], arrays[f"{one}.indices"], arrays[f"{one}.data"]))
        for one in MATRICES
    )
    return TieGraph(keys, directed, undirected, incoming)


def _write(graph: TieGraph, folder: Path) -> None:
    arrays = {f"{one}.{part}": getattr(getattr(graph, one), part) for one in MATRICES for part in PARTS}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    table = pa.table({"key": pa.array(graph.keys, pa.string())})
    with pa.OSFile(str(folder / "keys.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    sums = {name: _sum(array) for name, array in [*arrays.items(), ("keys", graph.keys)]}
    (folder / "sums.json").write_text(json.dumps(sums), encoding="utf-8")


def _sum(array: npt.NDArray[np.object_] | Array) -> list[object]:
    """Dtype, length and the sum of the bits, which any one of them changes; keys have their text's."""
    if array.dtype == object:
        return ["keys", len(array), hashlib.sha256("\n".join(array).encode()).hexdigest()]
    words = array.view(f"u{array.dtype.itemsize}")
    return [str(array.dtype), len(array), int(words.sum(dtype=np.uint64))]


def _names() -> Iterator[str]:
    return (f"{matrix}.{part}" for matrix in MATRICES for part in PARTS)


def _forget(folder: Path) -> None:
    """Remove the entries used longest ago, and drafts that nobody writes any more."""
    now = time.time()
    found = []
    for path in folder.iterdir():
        with suppress(OSError):
            age = now - path.stat().st_mtime
            if not path.name.startswith(DRAFT):
                found.append((age, path))
            elif age > STALE:
                shutil.rmtree(path, ignore_errors=True)
    for _, path in sorted(found)[KEPT:]:
        _remove(path)


def _remove(entry: Path) -> None:
    """Out of sight at once: an entry is whole or not there."""
    aside = Path(tempfile.mkdtemp(prefix=DRAFT, dir=entry.parent))
    with suppress(FileNotFoundError):
        entry.rename(aside / entry.name)
    shutil.rmtree(aside, ignore_errors=True)


def _tell(progress: Progress | None, text: str) -> None:
    if progress:
        progress(text, 0, 0)
