"""The base of every view under /api/v1/: declared actions, validated input, one shape of answers.

A view declares per method its `actions`, the serializer of what comes in (`inputs`: the body, or the query of a
GET) and of what goes out (`outputs`); the OpenAPI document is made from the same declarations.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import orjson
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from portal.accounts.actor import Actor
from portal.api import idempotency
from portal.api.files import RENDERERS, Negotiation, file_answer, form_asked, leaves_as_file
from portal.api.paging import page_of
from portal.exports import table_export
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.versions import version_of

Serializers = dict[str, type[Serializer[Any]]]


class ApiView(APIView):
    """One resource. Methods parse through `given`, call one selector or operation, and `answer`."""

    http_method_names = ["get", "post", "put", "patch", "delete"]  # noqa: RUF012 - as Django declares it
    actions: ClassVar[dict[str, str]] = {}
    inputs: ClassVar[Serializers] = {}
    outputs: ClassVar[Serializers] = {}
    is_paged: ClassVar[bool] = False
    # An answer that holds a secret is not kept to be repeated.
    is_replayable: ClassVar[bool] = True

    @property
    def actor(self) -> Actor:
        actor: Actor = self.request.user  # type: ignore[assignment]
        return actor

    @property
    def given(self) -> dict[str, Any]:
        """What the caller sent, checked by the declared serializer. Raises ValidationError (400)."""
        method = self.request.method or ""
        sent = self.request.query_params if method == "GET" else self._body()
        # A plain dict, since a QueryDict passes for a form: an empty field counts as not given there, and a
        # missing boolean as false. An empty body that is declared as a form comes as one, too.
        data = sent.dict() if isinstance(sent, QueryDict) else sent
        _names_check(data, self.inputs[method])
        serializer = self.inputs[method](data=data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _body(self) -> Any:
        """What the body holds. Raises InvalidInput for a form with too many fields, or too long ones beside files."""
        try:
            return self.request.data
        except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent) as error:
            raise InvalidInput(f"The form is not taken: {error}", code="form_too_large") from error

    @property
    def expected_version(self) -> str | None:
        """The version that an edit builds on, from If-Match; None when the caller does not mind."""
        value = self.request.headers.get("If-Match", "").strip()
        return None if value in ("", "*") else value.removeprefix("W/").strip('"')

    def answer(self, result: Any, *, status: int = 200) -> Response:
        """One object; a row carries its version as ETag."""
        body = self.outputs[self.request.method or ""](result, context={"actor": self.actor}).data
        headers = {"ETag": f'"{version_of(result)}"'} if isinstance(result, Model) else {}
        return Response(body, status=status, headers=headers)

    def page(
        self, rows: QuerySet[Any], given: dict[str, Any], shown: Callable[[Any], Any] | None = None
    ) -> Response:
        """One page of a list, or all of it as a file. `shown` makes of a row what the serializer takes."""
        context, output = {"actor": self.actor}, self.outputs["GET"]
        form = form_asked(self.request, given)
        if form is not None:
            name = self.actions["GET"].split(".")[1].replace("_", "-") + "s"
            answer = file_answer(name, form, rows, output, context, shown)
            table_export(actor=self.actor, name=name, form=form, asked=self.request.get_full_path())
            return answer  # type: ignore[return-value]
        found, next_cursor = page_of(rows, limit=given["limit"], cursor=given.get("cursor"))
        items = output([shown(row) for row in found] if shown else found, many=True, context=context).data
        return Response({"items": items, "next_cursor": next_cursor})

    def get_content_negotiator(self) -> Any:
        return Negotiation() if leaves_as_file(self) else super().get_content_negotiator()

    def get_renderers(self) -> list[Any]:
        """A list comes as a file, too."""
        more = RENDERERS if self.request.method == "GET" and leaves_as_file(self) else []
        return [*super().get_renderers(), *(renderer() for renderer in more)]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key")
        self._claimed = None
        if key and request.method == "POST":
            body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
            fingerprint = idempotency.fingerprint_of("POST", request.path, body)
            self._claimed = idempotency.claim(self.actor, key, fingerprint)
            if self._claimed.status is not None:
                raise Replay(self._claimed.status, self._claimed.body)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Replay):
            if exc.body is None:
                exc = Conflict(
                    "This was done before, and its answer is shown only once.", code="already_done"
                )
                return super().handle_exception(exc)
            return Response(
                orjson.loads(bytes(exc.body)), status=exc.status, headers={"Idempotent-Replayed": "true"}
            )
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        claimed = getattr(self, "_claimed", None)
        if claimed is not None and claimed.status is None:
            kept = (lambda: orjson.dumps(response.data)) if self.is_replayable else (lambda: None)
            idempotency.finish(claimed, response.status_code, kept)
        return final


class Replay(Exception):
    """The request was done before."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def _names_check(data: Any, serializer: type[Serializer[Any]]) -> None:
    """A misspelt field must not be ignored silently: the caller would believe that it took effect."""
    known = serializer().fields.keys()
    unknown = sorted(set(data) - known) if hasattr(data, "keys") else []
    if unknown:
        raise InvalidInput(f"{', '.join(unknown)[:200]} is unknown here. Known: {', '.join(known)}.")
