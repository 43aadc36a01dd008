"""How many others a member, contact or account has brought, up to the day."""

from __future__ import annotations

import pandas as pd

from graph.asof import View


def referral_counts(view: View) -> pd.DataFrame:
    """Referrals made: `kind` (label), `id`, `value` (float), for those who made any.

    Some sources tell a member's number of referrals but not whom; that number stands in where no
    single referral of the member is known.
    """
    return view.sql(
        """WITH single AS (SELECT source_label AS kind, source AS id, count(*)::DOUBLE AS value
                           FROM referrals GROUP BY ALL),
                told AS (SELECT 'Member' AS kind, member_id AS id, referrals_made::DOUBLE AS value
                         FROM members WHERE referrals_made > 0)
           SELECT * FROM single
           UNION ALL SELECT * FROM told ANTI JOIN single USING (kind, id)
           ORDER BY kind, id"""
    )
