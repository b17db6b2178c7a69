"""Names for runs that came without one: two words and a number, easy to say and to find again."""

import secrets

_FIRST = (
    "amber", "brisk", "calm", "clear", "deep", "early", "fair", "gentle", "hardy", "ivory", "jolly", "keen",
    "light", "lucid", "mellow", "noble", "open", "plain", "quiet", "rapid", "sharp", "steady", "tidy", "vivid",
)  # fmt: skip
_SECOND = (
    "badger", "brook", "cedar", "comet", "crane", "ember", "falcon", "fern", "glacier", "harbor", "heron",
    "island", "juniper", "lark", "maple", "meadow", "otter", "pebble", "quartz", "raven", "summit", "tern",
    "valley", "willow",
)  # fmt: skip


def random_name() -> str:
    """Such as `brisk-otter-417`; not unique, and not meant to be."""
    return f"{secrets.choice(_FIRST)}-{secrets.choice(_SECOND)}-{secrets.randbelow(1000)}"
