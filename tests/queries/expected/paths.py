"""How to reach somebody, and what the graph holds."""

from __future__ import annotations

from tests.queries.expected.case import Case
from tests.queries.noise import NOISE
from tests.queries.small_world import EDGES, NODES, d

CHAIN = "hops strength people names contacts last_months"
# Familiarity: 40 contacts 0.8, 30 0.75, 10 0.5, 5 1/3, 90 0.9.
THROUGH_M02 = (
    3, 0.8 * 0.75 * 0.9, ["m01", "m02", "m07", "m08"], ["王磊", "138****0002", "m07", "m08"], [40, 30, 90],
    [d("2026-10-01"), d("2026-08-01"), d("2026-10-01")],
)  # fmt: skip
THROUGH_M05 = (
    3, 0.8 * 0.5 * 0.9, ["m01", "m05", "m07", "m08"], ["王磊", "m05", "m07", "m08"], [40, 10, 90],
    [d("2026-10-01"), d("2026-09-01"), d("2026-10-01")],
)  # fmt: skip
ROUND_M06 = (
    4, 0.8 * (5 / 15) * 0.5 * 0.9, ["m01", "m05", "m06", "m07", "m08"], ["王磊", "m05", "m06", "m07", "m08"],
    [40, 5, 10, 90], [d("2026-10-01"), d("2026-06-01"), d("2026-03-01"), d("2026-10-01")],
)  # fmt: skip
WAY = "way manager_id manager via_id via via_title meetings last_met"
COUNTS = [("node", label, len(NODES[label])) for label in sorted(NODES)]
COUNTS += [("edge", name, len(EDGES[name]) + len(NOISE.get(name, []))) for name in sorted(EDGES)]
KINDS = [("node", label) for label in sorted(NODES)] + [("edge", "VISITED")]

CASES = [
    Case(
        "paths/between_people",
        "the three chains there are, the strongest first",
        CHAIN,
        [THROUGH_M02, THROUGH_M05, ROUND_M06],
        {"source": "m01", "target": "m08"},
    ),
    Case(
        "paths/between_people",
        "a contact stands for the own line; three ties at most",
        CHAIN,
        [THROUGH_M02, THROUGH_M05],
        {"source": "c1", "target": "m08", "hops": 3},
    ),
    Case(
        "paths/between_people",
        "two ties and three; the way back has the same strength",
        "hops strength people contacts",
        [
            (2, 0.6, ["m07", "m02", "m01"], [30, 40]),
            (2, 0.4, ["m07", "m05", "m01"], [10, 40]),
            (3, 0.8 * (5 / 15) * 0.5, ["m07", "m06", "m05", "m01"], [10, 5, 40]),
        ],
        {"source": "m07", "target": "m01"},
    ),
    Case(
        "paths/between_people",
        "the direct tie alone, even where only the strongest tie of each is followed",
        "hops strength people contacts",
        [(1, 0.8, ["m01", "m05"], [40])],
        {"source": "m01", "target": "m05", "width": 1},
    ),
    Case(
        "paths/between_people",
        "no chain to oneself, none to somebody without ties",
        CHAIN,
        [],
        {"source": "m01", "target": "c1"},
    ),
    Case("paths/between_people", "no ties, no chain", CHAIN, [], {"source": "m01", "target": "m12"}),
    Case(
        "paths/introduce_contact",
        "met, through the superior, through a colleague, through the account",
        WAY,
        [
            ("met in person", "g1", "孙丽", "c2", "李娜", "采购主管", 1, d("2026-05-01")),
            ("met the superior", "g1", "孙丽", "c1", "王磊", "信息部总经理", 1, d("2026-10-20")),
            ("met the superior", "g2", "何军", "c1", "王磊", "信息部总经理", 1, d("2026-02-01")),
            ("met a colleague", "g2", "何军", "c7", "吴静", "工程师", 1, d("2026-04-01")),
            ("looks after the account", "g1", "孙丽", None, None, None, 0, None),
        ],
        {"contact_id": "c2"},
    ),
    Case(
        "paths/introduce_contact",
        "through somebody who reports to the person; November's meeting is not yet there",
        WAY,
        [
            ("met in person", "g1", "孙丽", "c3", "陈刚", "行长", 1, d("2026-04-10")),
            (
                "met somebody who reports to the person",
                "g2",
                "何军",
                "c4",
                "赵敏",
                "秘书",
                1,
                d("2026-09-15"),
            ),
            ("looks after the account", "g2", "何军", None, None, None, 0, None),
        ],
        {"contact_id": "c3"},
    ),
    Case("graph/list_kinds", "each label, and meetings", "what name", KINDS),
    Case("graph/count_types", "every label, then every type", "what name n", COUNTS),
]
