"""A phone number that comes in with a file is nowhere in clear afterwards."""

from ingest.reload import reload
from tests.ingest.small import PEOPLE, aside
from tests.ingest.test_reload import mend

PHONES = PEOPLE + 'phone_token = { column = "phone", phone = "token" }\njoined = "day"\n'
NUMBERS = ("13800138000", "13900139000", "13700137000", "13600136000", "1350013500")


def clear_text(folder):
    """Every place under the folder where one of the numbers stands."""
    files = [path for path in folder.rglob("*") if path.is_file() and "data" not in path.parts]
    return [(path.name, n) for path in files for n in NUMBERS if n.encode() in path.read_bytes()]


def test_no_number_stays_in_clear_and_mended_rows_keep_their_token(bench):
    a, b, c, d, short = NUMBERS
    rows = [f"ann,{a},2024-01-01", f"bob,{b},soon", f"cy,{short},2024-01-01", f"dora,{c},{d},2024-01-01"]
    bench.write(people="id,phone,day\n" + "\n".join(rows) + f'\n"eve {a}\n')
    first = bench.load(PHONES)
    assert (first.landed, first.set_aside) == (1, 4)
    assert clear_text(bench.folder) == []
    assert not any(n in str(aside(first)) for n in NUMBERS)

    def change(row):
        if row["id"] == "bob":
            row["day"] = "2024-02-02"

    mend(first, "people.csv", change)
    assert reload(first.load_id, bench.lake, bench.folder / "quarantine").landed == 1
    tokens = dict(bench.rows("members", "member_id", "phone_token"))
    bench.write(people=f"id,phone,day\nbob2,{b},2024-02-02\n")
    bench.load(PHONES)
    again = dict(bench.rows("members", "member_id", "phone_token"))
    assert again["bob2"] == tokens["bob"] != tokens["ann"]
    assert clear_text(bench.folder) == []
