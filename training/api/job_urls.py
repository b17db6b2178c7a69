"""The addresses of trainings below /api/v1/."""

from django.urls import path

from training.api.job_views import TrainingList, TrainingOne

urlpatterns = [
    path("training-jobs", TrainingList.as_view(), name="api-trainings"),
    path("training-jobs/<uuid:training_id>", TrainingOne.as_view(), name="api-training"),
]
