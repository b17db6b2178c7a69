"""JSON as it should be: bounded, without NaN, lone surrogates or endless nesting."""

from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from portal.kernel.errors import TooLarge

BODY_LIMIT = 1024 * 1024


class StrictJSONParser(BaseParser):
    """Reads at most 1 MB; orjson refuses what RFC 8259 does not allow."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        data = stream.read(BODY_LIMIT + 1)
        if len(data) > BODY_LIMIT:
            raise TooLarge(f"The body has more than {BODY_LIMIT} bytes.")
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from error
