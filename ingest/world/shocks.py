"""What strikes many at once, and looks like contagion: a price rise, contracts that end together, a
partner's defection. Where and when is fixed before anybody leaves, so that the truth can tell it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ingest.world.accounts import Accounts
from ingest.world.partners import AGENT, SHOCK_WEEKS, Book, Partners
from ingest.world.people import Members
from ingest.world.regions import REGIONS
from ingest.world.size import NEVER, Bools, Clock, Ints, Knobs

REGION_WEEKS = 8
DEFECTS = 0.55  # of the record gone by when the sole defector defects
STRUCK = 0.5  # of the record gone by when the price rises
TOGETHER = 0.65  # of the record gone by when the bunched contracts end, at that quarter's end


def struck(account: Accounts) -> int:
    """The region of the price rise: many accounts, and not one large one."""
    return int(np.argmax(np.bincount(account.region, np.sqrt(account.size), len(REGIONS))))


def struck_on(clock: Clock) -> tuple[int, int]:
    """First day of the price rise's effect, and the day after its last."""
    first = clock.start + int(clock.days * STRUCK)
    return first, first + 7 * REGION_WEEKS


def in_struck(account: Accounts, member: Members) -> Bools:
    """(members,): whether the line's account is in that region."""
    return np.asarray((account.region == struck(account))[member.account])


def bunched(account: Accounts, knobs: Knobs, clock: Clock, rng: np.random.Generator) -> Accounts:
    """The accounts, some of them with all contracts moved so that one ends on the common day.

    Moved are only those that neither lose a contract over the record's end nor get one that ended
    before they were opened.
    """
    if not knobs.bunched:
        return account
    shift = common_end(clock) - account.ends
    nearest = np.argmin(np.abs(shift), axis=1)
    ends = account.ends + shift[np.arange(len(shift)), nearest][:, None]
    fits = (ends[:, -1] > clock.end + 10) & (ends[:, 0] > account.opened + 60)
    moves = fits & (rng.random(len(fits)) < knobs.bunched)
    return replace(account, ends=np.where(moves[:, None], ends, account.ends))


def common_end(clock: Clock) -> int:
    """The day on which bunched contracts end: the last of a quarter."""
    day = np.datetime64(clock.start + int(clock.days * TOGETHER), "D").astype("datetime64[M]")
    after = (int(day.astype(np.int64)) // 3 + 1) * 3
    return int(np.datetime64(after, "M").astype("datetime64[D]").astype(np.int64)) - 1


def unbroken(partner: Partners) -> Partners:
    """The partners with nobody defecting."""
    return replace(partner, closed=np.full(len(partner.id), NEVER, dtype=np.int64))


def sole_defector(partner: Partners, book: Book, member: Members, clock: Clock) -> Partners:
    """The partners, of whom one defects: the agent that sold most lines outside its largest account."""
    agents = np.flatnonzero(partner.kind == AGENT)
    sold = np.isin(book.member, agents) & (member.joined < clock.start)
    lines = pd.Series(1, index=[book.member[sold], member.account[sold]]).groupby(level=[0, 1]).sum()
    wide = (lines.groupby(level=0).sum() - lines.groupby(level=0).max()).reindex(agents, fill_value=0)
    closed = np.full(len(partner.id), NEVER, dtype=np.int64)
    closed[agents[int(np.argmax(wide.to_numpy()))]] = clock.start + int(clock.days * DEFECTS)
    return replace(partner, closed=closed)


def shock_table(
    account: Accounts,
    partner: Partners,
    seller: Ints,
    member: Members,
    left: Ints,
    knobs: Knobs,
    clock: Clock,
) -> pd.DataFrame:
    """The truth about shocks, one row each: `kind`, `id`, `since`, `until` (first and last day of its
    effect), `hazard_ratio`, `lines` there when it began and `left` of these until it ended.
    """
    found: list[tuple[str, str, int, int, float, Bools]] = []
    if knobs.partner_shock != 1:
        for number in np.flatnonzero(partner.closed < NEVER):
            day = int(partner.closed[number])
            found.append(("partner", str(partner.id[number]), day, day + 7 * SHOCK_WEEKS,
                          knobs.partner_shock, seller == number))  # fmt: skip
    if knobs.region_shock != 1:
        since, until = struck_on(clock)
        region = REGIONS[struck(account)].code
        found.append(("region", region, since, until, knobs.region_shock, in_struck(account, member)))
    if knobs.bunched and knobs.contract_end != 1:
        day = common_end(clock)
        ending = (account.ends == day).any(axis=1)[member.account]
        found.append(("contract_end", "", day - 60, day + 31, knobs.contract_end, ending))
    return pd.DataFrame([_row(*shock, member.joined, left) for shock in found], columns=list(COLUMNS))


COLUMNS = ("kind", "id", "since", "until", "hazard_ratio", "lines", "left")


def _row(
    kind: str, key: str, since: int, until: int, ratio: float, hit: Bools, joined: Ints, left: Ints
) -> tuple[str, str, str, str, float, int, int]:
    there = hit & (joined <= since) & (left >= since)
    days = (str(np.datetime64(day, "D")) for day in (since, until - 1))
    return kind, key, *days, ratio, int(there.sum()), int((there & (left < until)).sum())  # type: ignore[return-value]
