"""The addresses of evidence, signatures, bills and cards below /api/v1/."""

from django.urls import path

from registry.api import card_views, evidence_views
from registry.api.addressed import VERSION

urlpatterns = [
    path("evidence/<uuid:evidence_id>", evidence_views.EvidenceOne.as_view(), name="api-evidence"),
    path("model-signing-keys", evidence_views.SigningKeys.as_view(), name="api-signing-keys"),
    path("model-card-schema", card_views.CardSchema.as_view(), name="api-card-schema"),
    path(f"{VERSION}/evidence", evidence_views.VersionEvidence.as_view(), name="api-version-evidence"),
    path(f"{VERSION}/scans", evidence_views.VersionScans.as_view(), name="api-version-scans"),
    path(f"{VERSION}/signature", evidence_views.VersionSignatures.as_view(), name="api-version-signature"),
    path(
        f"{VERSION}/signature-checks",
        evidence_views.VersionSignatureChecks.as_view(),
        name="api-version-checks",
    ),
    path(f"{VERSION}/bom", evidence_views.VersionBom.as_view(), name="api-version-bom"),
    path(f"{VERSION}/card", card_views.VersionCard.as_view(), name="api-version-card"),
    path(f"{VERSION}/card/sagemaker", card_views.VersionCardSageMaker.as_view(), name="api-card-sagemaker"),
    path(f"{VERSION}/card/states", card_views.VersionCardStates.as_view(), name="api-card-states"),
    path(f"{VERSION}/card/states/<int:card>", card_views.VersionCardState.as_view(), name="api-card-state"),
    path(
        f"{VERSION}/card/differences",
        card_views.VersionCardDifferences.as_view(),
        name="api-card-differences",
    ),
]
