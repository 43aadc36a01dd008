"""What generated files, full disks and ten million rows brought to light, each by itself."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.disk import full_disk
from graph.errors import NoSpace
from graph.lake import Lake
from ingest.files.sources import Staged, staged_schema
from ingest.mapping import FileRule
from ingest.reload import reload
from ingest.staging import GROUP
from tests.ingest.small import PEOPLE, Bench, aside

RATED = PEOPLE + 'credit_level = "rating"\nreferrals_made = "n"\n'


def test_a_key_in_full_width_characters_is_the_same_key(tmp_path):
    bench = Bench(tmp_path)
    bench.write(people="id,plan\nm１３,Ｐ１\nm13,P1\nm14,Ｐ 2\n")
    bench.load(PEOPLE + 'plan_id = "plan"\n')
    assert bench.rows("members", "member_id", "plan_id") == [("m13", "P1"), ("m14", "P 2")]


def test_a_key_that_a_spreadsheet_has_rounded_is_set_aside(tmp_path):
    bench = Bench(tmp_path)
    bench.write(people="id\n1.38E+10\n13800138000\n")
    report = bench.load(PEOPLE)
    assert [row[1:3] for row in aside(report)] == [(2, "member_id")]
    assert bench.rows("members", "member_id") == [("13800138000",)]


def test_a_cell_with_a_lone_carriage_return_survives_the_quarantine(tmp_path):
    bench = Bench(tmp_path)
    bench.write(people='id,rating,n\nann,"A\rB",many\nbob,C,2\n')
    report = bench.load(RATED)
    assert [row[1:3] + row[4:] for row in aside(report)] == [(2, "referrals_made", "ann,A\rB,many")]
    place = report.quarantine / "people.csv"
    place.write_bytes(place.read_bytes().replace(b",many", b",3"))
    assert reload(report.load_id, Lake(tmp_path / "lake"), tmp_path / "quarantine").landed == 1
    assert bench.rows("members", "member_id", "credit_level", "referrals_made") == [
        ("ann", "A\rB", 3),
        ("bob", "C", 2),
    ]


def test_reading_a_staged_file_holds_no_more_at_its_end_than_at_its_start(tmp_path):
    staged = written(tmp_path / "ties.parquet", 24)
    held = [pa.total_allocated_bytes() for _ in staged.blocks()]
    assert len(held) == 48
    assert max(held[24:]) <= 1.25 * max(held[:8])


def written(path: Path, groups: int) -> Staged:
    schema = staged_schema(2)
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        for group in range(groups):
            rows = np.arange(group * GROUP, (group + 1) * GROUP)
            texts = pa.array([f"a text of some length {row * 7919}" for row in rows.tolist()])
            writer.write_table(pa.table([texts, texts, pa.array(rows), pa.array(rows)], schema=schema))
    rule = FileRule(path=path.name)
    empties = dict.fromkeys("ab", ("",))
    return Staged("ties", path.name, rule, ("a", "b"), path, groups * GROUP, 0, "", 2, empties)


@pytest.mark.parametrize("number", [28, 122])
def test_a_full_disk_is_told_as_one_whoever_meets_it(tmp_path, number):
    with pytest.raises(NoSpace, match="too full"), full_disk(tmp_path):
        raise OSError(number, "as Arrow's writer says it")
    with pytest.raises(PermissionError), full_disk(tmp_path):
        raise PermissionError(13, "another matter")
