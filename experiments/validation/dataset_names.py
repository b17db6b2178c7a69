"""How a dataset may be called: its name stands in addresses and in specifications."""

import re

from portal.kernel.errors import InvalidInput

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


def dataset_name_check(name: str) -> None:
    """Raise InvalidInput (`invalid_name`) for what is no name of a dataset."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "The name of a dataset has letters, digits, dots, dashes and underscores, and no dash or dot at first.",
            code="invalid_name",
        )
