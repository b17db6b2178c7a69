"""Ids are UUIDs of version 7 that sort as they were made."""

import time

from portal.kernel.ids import uuid7


def test_ids_sort_as_they_were_made_and_say_when() -> None:
    before = time.time_ns() // 1_000_000
    made = []
    for _ in range(200):
        made.append(uuid7())
        time.sleep(2e-6)  # the parts of a millisecond are 244 ns
    after = time.time_ns() // 1_000_000
    assert made == sorted(made)
    assert {each.version for each in made} == {7}
    assert all(before <= each.int >> 80 <= after for each in made)
    assert len({each.int & ((1 << 62) - 1) for each in made}) == 200
