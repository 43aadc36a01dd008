"""Thousands of generated files: every row of each is accounted for, whatever stands in it.

2,000 in every run of the suite, 20,000 under the mark `nightly`, from another seed each day. A file that
fails is kept and named with its seed; `messy_files.draw` makes it again.
"""

import csv
import os
import shutil
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pytest

from graph.errors import BadInput
from graph.lake import Lake
from ingest.guard import Accepted
from ingest.run import load
from ingest.waiting import wanted
from tests.faults.messy_files import Made, damaged, draw, fates, readable

TOGETHER = 50
"""Files in one load: what a load costs by itself is paid once for all of them."""
PART = 250
ANYTHING = Accepted(bad=True)


def test_rows_of_2_000_generated_files_are_all_accounted_for(tmp_path):
    many(2_000, "every day", tmp_path, twice=4)


@pytest.mark.timeout(0)  # hours
@pytest.mark.nightly
def test_rows_of_20_000_generated_files_are_all_accounted_for(tmp_path):
    many(20_000, os.environ.get("GUANXI_TEST_SEED") or f"{datetime.now(UTC):%Y-%m-%d}", tmp_path, twice=1)


def many(files, seed, folder, twice):
    """So many files, in two processes: the work is Python's, so that one would use one core.

    One load in `twice` is done again, which must change nothing.
    """
    parts = [range(first, min(first + PART, files)) for first in range(0, files, PART)]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        found = list(pool.map(part, parts, repeat(seed), repeat(folder), repeat(twice)))
    seen = sum(found, Counter())
    print(f"seed {seed!r}:", dict(seen))
    assert sum(seen[what] for what in ("exact", "damaged", "refused")) == files
    assert seen["files loaded twice"] * twice >= 0.7 * files
    assert min(seen[what] for what in ("landed", "set aside", "waiting", "refused")) > 0


def part(numbers, seed, folder, twice):
    """The files of some numbers: four in five whose rows' fates are known, the rest damaged bytes."""
    seen, sound, hurt, refused = Counter(), [], [], []
    for number in numbers:
        made = draw(f"{seed} {number}", f"f{number}")
        if number % 5 == 4:
            made = damaged(made, f"{seed} {number} damage")
        (refused if not readable(made) else sound if made.exact else hurt).append(made)
    # Apart, for one byte can make a damaged file's key the key of a file beside it.
    loads = [
        some[first : first + TOGETHER] for some in (sound, hurt) for first in range(0, len(some), TOGETHER)
    ]
    for number, batch in enumerate(loads):
        again = (numbers.start // PART + number) % twice == 0
        together(batch, seed, folder / f"{numbers.start} {number}", seen, again)
    alone(refused, seed, folder / f"{numbers.start} refused", seen)
    return seen


def together(batch, seed, folder, seen, again):
    """Load files at once; where that goes wrong, say which file it is."""
    try:
        loaded(batch, folder, seen, again)
    except Exception as error:
        if len(batch) == 1:
            keep(batch[0], seed, error)
        for made in batch:
            together([made], seed, folder / made.name, Counter(), again)
        raise
    shutil.rmtree(folder)


def keep(made, seed, error):
    """Keep a file that fails, for whoever looks at it."""
    place = Path("build") / "failing files"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{made.name}.csv").write_bytes(made.content)
    (place / f"{made.name}.toml").write_text(feed([made]), encoding="utf-8")
    number = made.name[1:]
    told = f"{place / made.name}.csv (seed {f'{seed} {number}'!r}, exact: {made.exact}): {error}"
    raise AssertionError(told) from error


def feed(batch):
    return 'name = "generated"\ntitle = "generated files"\n' + "".join(made.toml() for made in batch)


def written(batch, folder):
    (folder / "data").mkdir(parents=True)
    for made in batch:
        (folder / "data" / f"{made.name}.csv").write_bytes(made.content)
    (folder / "feed.toml").write_text(feed(batch), encoding="utf-8")
    return str(folder / "feed.toml"), folder / "data", Lake(folder / "lake"), folder / "quarantine"


def loaded(batch, folder, seen, again):
    places = written(batch, folder)
    first = load(*places, accepted=ANYTHING)
    files = {file.path: file for file in first.files}
    for count in first.tables:
        assert count.rows_in == count.landed + count.unchanged + count.set_aside
        assert count.rows_in + count.left_out == files[count.file].rows
        assert count.unchanged == 0
    if again:
        second = load(*places, accepted=ANYTHING)
        for before, after in zip(first.tables, second.tables, strict=True):
            assert (after.landed, after.unchanged) == (0, before.landed)
            assert (after.set_aside, after.waiting) == (before.set_aside, before.waiting)
        seen["files loaded twice"] += len(batch)
    aside = lines_aside(first)
    for made in batch:
        of_file = [count for count in first.tables if count.file == f"{made.name}.csv"]
        unexplained = len({line for line, _ in aside[made.name]})
        assert unexplained >= max(count.set_aside - count.waiting for count in of_file) or not made.exact
        assert all(reason for _, reason in aside[made.name])
    landed = Landed(places[2])
    for made in batch:
        if made.exact:
            as_foreseen(made, first, aside[made.name], landed)
        else:
            within_the_files(batch, made, aside[made.name], landed)
    seen["exact"] += sum(made.exact for made in batch)
    seen["damaged"] += sum(not made.exact for made in batch)
    seen += Counter({"rows": first.rows_in, "landed": first.landed, "set aside": first.set_aside})
    seen["waiting"] += first.waiting


def lines_aside(report):
    """By file, the line and the reason of each record set aside."""
    found = {Path(file.path).stem: [] for file in report.files}
    for path in report.quarantine.glob("*.csv") if report.quarantine else ():
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            found[path.stem] = [(int(row[0]), row[3]) for row in rows]
    return found


class Landed:
    """What stands in the lake, by the file that each key names."""

    def __init__(self, lake):
        view = lake.view()
        names = ("member_id", "joined", "referrals_made", "credit_level", "left_reason")
        self.members = {row[0]: row[1:] for row in self._rows(view.every_row("members").select(names))}
        ties = self._rows(view.arrow("ties", ("source", "target", "month", "calls")))
        self.ties = {row[:3]: row[3] for row in ties}
        self.wanted = {row["id"] for row in wanted(lake, 10**6)}

    @staticmethod
    def _rows(table: pa.Table):
        return zip(*(column.to_pylist() for column in table.columns), strict=True)


def as_foreseen(made: Made, report, aside, landed):
    """Every row has met the fate that reasoning gives it, and every value is the original one."""
    known = fates(made)
    mine = f"{made.name}-"
    assert {key: row for key, row in landed.members.items() if key.startswith(mine)} == known.members
    assert {key: calls for key, calls in landed.ties.items() if key[0].startswith(mine)} == known.ties
    for count in report.tables:
        if count.file == f"{made.name}.csv":
            assert count.rows_in == len(made.rows)
            assert (count.landed, count.set_aside) == (known.landed[count.table], known.aside[count.table])
            assert count.waiting == (known.waiting if count.table == "ties" else 0)
    assert sorted({line for line, _ in aside}) == sorted(known.lines)


def within_the_files(batch: list[Made], made: Made, aside, landed):
    """Nothing landed that does not stand in the file, or in one beside it whose key a damaged byte made."""
    last = made.text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(1 <= line <= last for line, _ in aside)
    for key, (joined, _, _, reason) in landed.members.items():
        if key.startswith(f"{made.name}-"):
            assert reason is None or any(
                reason.replace(one.quote, "") in one.text.replace(one.quote, "") for one in batch
            )
            assert joined is None or date.min <= joined <= date.max


def alone(refused, seed, folder, seen):
    """Bytes that are not of the encoding: one sentence, and nothing of the load is kept."""
    for made in refused:
        places = written([made], folder / made.name)
        with pytest.raises(BadInput) as caught:
            load(*places, accepted=ANYTHING)
        sentence = str(caught.value)
        assert f"{made.name}.csv" in sentence, seed
        assert "\n" not in sentence, f"{seed}: {sentence}"
        assert places[2].commit().number == 0
        assert not places[3].exists()
        seen["refused"] += 1
