"""From a call to the values of its message; a GET with parameters is read from the query, all else from the body."""

from experiments.protocol.schema import Message, Values, content_type_check, request_parse
from portal.api.call import JSON_BODY_LIMIT, Call


def values_of(call: Call, message: Message, *, limit: int = JSON_BODY_LIMIT) -> Values:
    """The fields of the request. Raises ProtocolError in MLflow's words, TooLarge over `limit` bytes."""
    method = call.environ["REQUEST_METHOD"]
    if method == "GET" and call.query:
        return request_parse(message, query=call.query)
    content_type_check(method, call.environ.get("CONTENT_TYPE"))
    return request_parse(message, body=call.body(limit))
