"""Claims under /api/v1/training-claims: what the program on a node of a cluster asks for, and nobody else."""

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.process_views import TextRenderer
from portal.accounts.actor import Actor
from portal.api.authentication import request_id_of
from portal.api.base import ApiView, Serializers
from portal.kernel.errors import Conflict, InvalidInput, TooLarge
from training.api.claim_authentication import READ, REPORT, ClaimAuthentication, ClaimThrottle
from training.api.claim_serializers import ClaimInput, OrderOutput
from training.models import TrainingClaim
from training.selectors.claims import USED, claim_of_code, claim_own
from training.services.claims import CONTEST, REDEEM, claim_contest, claim_redeem
from training.work.deliveries import result_put, work_open

_READ_BYTES = 256 * 1024


class ClaimList(ApiView):
    """Exchange a claim for its order, once; the code of the claim is the credential, so no other is asked for."""

    actions: ClassVar[dict[str, str]] = {"POST": REDEEM}
    inputs: ClassVar[Serializers] = {"POST": ClaimInput}
    outputs: ClassVar[Serializers] = {"POST": OrderOutput}
    authentication_classes = ()
    permission_classes = ()
    is_replayable = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.headers.get("Idempotency-Key"):
            raise InvalidInput("A claim needs no Idempotency-Key: it holds once.")
        super().initial(request, *args, **kwargs)

    def post(self, request: Request) -> Response:
        claim = claim_of_code(self.given["claim"])
        actor = Actor.system("training.claims", actions=[REDEEM, CONTEST], request_id=request_id_of(request))
        address = get_adapter(request._request).get_client_ip(request._request)
        try:
            order = claim_redeem(actor=actor, claim=claim, address=address)
        except Conflict as no:
            if no.code == USED:
                claim_contest(actor=actor, claim=claim, address=address)
            raise
        return Response(OrderOutput(order).data, status=201)


class ClaimView(ApiView):
    """What a session of a claim reaches."""

    authentication_classes = (ClaimAuthentication,)
    throttle_classes = (ClaimThrottle,)

    def claim(self, claim_id: UUID) -> TrainingClaim:
        """The caller's own. Raises NotFound for another."""
        return claim_own(self.request.auth, claim_id)  # type: ignore[arg-type]


class ClaimOne(ClaimView):
    """Whether an attempt is still wanted: 204, or 401 when it is not."""

    actions: ClassVar[dict[str, str]] = {"GET": READ}

    def get(self, request: Request, claim_id: UUID) -> Response:
        self.claim(claim_id)
        return Response(status=204)


class ClaimWork(ClaimView):
    """Code and inputs as one archive."""

    actions: ClassVar[dict[str, str]] = {"GET": READ}
    operation_ids: ClassVar[dict[str, str]] = {"GET": "training.claim.fetch"}
    renderer_classes = (TextRenderer,)

    def get(self, request: Request, claim_id: UUID) -> StreamingHttpResponse:
        found = work_open(self.claim(claim_id))
        headers = {"Content-Length": str(found.size)}
        return StreamingHttpResponse(found.chunks, content_type="application/x-tar", headers=headers)


class ClaimResult(ClaimView):
    """Outputs, and how the command ended, as one archive."""

    actions: ClassVar[dict[str, str]] = {"PUT": REPORT}
    parser_classes = ()

    def put(self, request: Request, claim_id: UUID) -> Response:
        size = _announced(request)
        result_put(actor=self.actor, claim=self.claim(claim_id), chunks=_received(request, size), size=size)
        return Response(status=204)


def _announced(request: Request) -> int:
    """The length of the body, which says when it is whole. Raises InvalidInput, TooLarge."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise InvalidInput("A result is sent with its Content-Length.")
    if int(length) > settings.EXECUTORS_RESULT_BYTES:
        raise TooLarge(
            f"A result has at most {settings.EXECUTORS_RESULT_BYTES} bytes (EXECUTORS_RESULT_BYTES), this has {length}."
        )
    return int(length)


def _received(request: Any, left: int) -> Iterator[bytes]:
    """The body, chunk by chunk. One that ends too early is refused, and nothing of it is kept."""
    while left and (chunk := request._request.read(min(_READ_BYTES, left))):
        left -= len(chunk)
        yield chunk
    if left:
        raise InvalidInput("The result ended before all of its bytes had arrived. Send it again.")
