"""How values read on pages."""

import math
import sys

import pytest

from portal.web.templatetags.portal import duration, moment, number, size, when


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.123456789, "0.123457"), (0.5, "0.500000"), (42.0, "42"), (0.0, "0"), (1e-9, "1.00000e-09"),
        (123456789.5, "1.23457e+08"), (-0.25, "-0.250000"), (math.nan, "NaN"), (sys.float_info.max, "∞"),
        (-sys.float_info.max, "−∞"), (12345, "12,345"), (None, "–"),
    ],
)  # fmt: skip
def test_numbers_have_six_digits(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (None, "–"),
        (-5, "–"),
        (0, "0 ms"),
        (999, "999 ms"),
        (12_340, "12.3 s"),
        (245_000, "4m 05s"),
        (7_380_000, "2h 03m"),
    ],
)
def test_durations_are_short(milliseconds: int | None, shown: str) -> None:
    assert duration(milliseconds) == shown


def test_times_are_absolute_in_utc() -> None:
    html = when(1_700_000_000_000, "full")
    assert 'datetime="2023-11-14T22:13:20.000+00:00"' in html
    assert "2023-11-14 22:13:20 UTC" in html


@pytest.mark.parametrize("broken", [None, 0, 2**62, -(2**62), "yesterday"])
def test_times_beyond_any_calendar_are_a_dash(broken: object) -> None:
    assert moment(broken) is None
    assert when(broken) == "–"


def test_sizes_have_a_unit() -> None:
    assert [size(0), size(999), size(1500), size(5 * 10**9), size(None)] == [
        "0 B",
        "999 B",
        "1.5 KB",
        "5.0 GB",
        "",
    ]
