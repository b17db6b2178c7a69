"""The addresses of trainings, their code and the schema of their specifications below /api/v1/."""

from django.urls import path

from training.api.code_views import CodeArchive, CodeList, CodeOne
from training.api.job_views import TrainingClones, TrainingList, TrainingOne, TrainingSchema

urlpatterns = [
    path("training-jobs", TrainingList.as_view(), name="api-trainings"),
    path("training-jobs/<uuid:training_id>", TrainingOne.as_view(), name="api-training"),
    path("training-jobs/<uuid:training_id>/clones", TrainingClones.as_view(), name="api-training-clones"),
    path("training-schema", TrainingSchema.as_view(), name="api-training-schema"),
    path("code-snapshots", CodeList.as_view(), name="api-code-snapshots"),
    path("code-snapshots/<uuid:code_id>", CodeOne.as_view(), name="api-code-snapshot"),
    path("code-snapshots/<uuid:code_id>/archive", CodeArchive.as_view(), name="api-code-archive"),
]
