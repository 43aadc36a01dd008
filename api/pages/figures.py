"""Values as people read them on a page."""

from __future__ import annotations

import math
from datetime import date

DASH = "–"


def number(value: object) -> str:
    """Thousands apart, whole where it is whole, else two digits that count.

    >>> number(1234567), number(0.123456), number(12.34), number(None)
    ('1,234,567', '0.12', '12.3', '–')
    """
    if not isinstance(value, int | float) or not math.isfinite(value):
        return DASH if value is None or isinstance(value, float) else str(value)
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def percent(value: object) -> str:
    """A share of 0 to 1 in per cent.

    >>> percent(0.0712), percent(0.4), percent(0.0004), percent(None)
    ('7.1%', '40%', '<0.1%', '–')
    """
    if not isinstance(value, int | float) or not math.isfinite(value):
        return DASH
    if 0 < value < 0.001:
        return "<0.1%"
    return f"{value:.1%}" if 0 < value < 0.1 else f"{value:.0%}"


def signed_percent(value: float) -> str:
    """A change; a true minus sign, so that it is as wide as the plus.

    >>> signed_percent(-0.034), signed_percent(0.12)
    ('−3.4%', '+12.0%')
    """
    return f"{value:+.1%}".replace("-", "−")


def yuan(value: object) -> str:
    """An amount of money.

    >>> yuan(12345.6), yuan(None)
    ('¥12,346', '–')
    """
    return f"¥{value:,.0f}" if isinstance(value, int | float) else DASH


def day(value: object) -> str:
    """A date as ISO 8601 writes it."""
    return value.isoformat() if isinstance(value, date) else DASH


def month(value: object) -> str:
    """A month by its first day.

    >>> month(date(2026, 10, 1))
    '2026-10'
    """
    return f"{value:%Y-%m}" if isinstance(value, date) else DASH
