"""The addresses of technical files below /api/v1/."""

from django.urls import path

from registry.api.technical_file_views import DocumentKeys, TechnicalFileDownload, TechnicalFiles

urlpatterns = [
    path("document-signing-keys", DocumentKeys.as_view(), name="api-document-keys"),
    path("ai-systems/<uuid:system_id>/technical-files", TechnicalFiles.as_view(), name="api-technical-files"),
    path(
        "ai-systems/<uuid:system_id>/technical-files/<uuid:file_id>",
        TechnicalFileDownload.as_view(),
        name="api-technical-file",
    ),
]
