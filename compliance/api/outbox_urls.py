"""The addresses of the outbox below /api/v1/."""

from django.urls import path

from compliance.api import outbox_views as views

urlpatterns = [
    path("webhooks", views.WebhookList.as_view(), name="api-webhooks"),
    path("webhooks/<uuid:webhook>", views.WebhookOne.as_view(), name="api-webhook"),
    path("webhooks/<uuid:webhook>/tests", views.WebhookTests.as_view(), name="api-webhook-tests"),
    path("notices", views.NoticeList.as_view(), name="api-notices"),
    path("notices/<uuid:notice>", views.NoticeOne.as_view(), name="api-notice"),
    path("deliveries", views.DeliveryList.as_view(), name="api-deliveries"),
    path("deliveries/<uuid:delivery>/replays", views.DeliveryReplays.as_view(), name="api-delivery-replays"),
]
