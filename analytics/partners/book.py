"""A partner's book: the lines it sold. Each line counts for whoever sold to it last."""

from __future__ import annotations

BOOK = """
SELECT member_id, partner_id, sold_on FROM (
  SELECT target AS member_id, source AS partner_id, date AS sold_on FROM sales WHERE target_label = 'Member'
  UNION ALL
  SELECT source, sold_by, since FROM subscriptions WHERE source_label = 'Member' AND sold_by IS NOT NULL)
QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY sold_on DESC NULLS LAST, partner_id) = 1"""
"""`member_id`, `partner_id` and the day of the sale, from `sales` and from `subscriptions.sold_by`."""
