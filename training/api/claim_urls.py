"""The addresses of claims below /api/v1/."""

from django.urls import path

from training.api.claim_views import ClaimList, ClaimOne, ClaimResult, ClaimWork

urlpatterns = [
    path("training-claims", ClaimList.as_view(), name="api-claims"),
    path("training-claims/<uuid:claim_id>", ClaimOne.as_view(), name="api-claim"),
    path("training-claims/<uuid:claim_id>/work", ClaimWork.as_view(), name="api-claim-work"),
    path("training-claims/<uuid:claim_id>/result", ClaimResult.as_view(), name="api-claim-result"),
]
