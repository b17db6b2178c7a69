"""How often Python looks for objects that only hold each other, in a process that answers requests."""

import gc

# A page of a hundred rows leaves some 7,000 objects in such circles, since the context of a template is one. With
# Python's own 700 they are looked at ten times while the page is made, then kept until a search through everything
# stops one request in twelve for a tenth of a second; with these they go in small portions, and long pages take a fifth
# less time.
_YOUNG, _MIDDLE, _OLD = 10_000, 5, 5


def collector_prepare() -> None:
    """Leave what is loaded out of every search from now on, and search seldom. Processes forked later inherit both."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    gc.collect()
    gc.freeze()
