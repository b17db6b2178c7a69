"""Which texts the table sorts as numbers: PostgreSQL is asked for each, short and long, whatever its pattern is."""

import re

import pytest

from portal.kernel import sql

RULE = re.compile(r"[-+]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][-+]?[0-9]{1,2})?", re.ASCII)
LONG = "7" * 40
TEXTS = [
    "0", "-1", "+2", "3.", ".4", "-.5", "6.7", "1e5", "1E+05", "2.e-3", ".5e9", "00012", "1e99", "-0",
    "", " 1", "1 ", "1\n", "1e", "e5", ".", "-", "+.", "--1", "1.2.3", "1e100", "1e5.0", "0x10", "1_000", "1,5", "inf",
    "NaN", "Infinity", "٣", "\uff11", "²", "true", "1f", "1e5 or so",
    LONG, f"{LONG}.", f"-{LONG}", f"{LONG}7", f".{LONG}", f".{LONG}7", f"{LONG}.{LONG}", f"+{LONG}.{LONG}e-99",
    f"{LONG}.{LONG}7", f"{LONG}7.5", f"{LONG}e99", f"{LONG} ", "1" * 6_000,
]  # fmt: skip


@pytest.mark.django_db
def test_a_text_is_a_number_by_one_rule() -> None:
    found = dict(sql.rows("SELECT value, experiments_number(value) FROM unnest(%s::text[]) value", (TEXTS,)))
    assert found == {text: float(text) if RULE.fullmatch(text) else None for text in TEXTS}
