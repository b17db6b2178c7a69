"""Routes of pipelines."""

from django.urls import path

from training.web import pipeline_edit_views as edit
from training.web import pipeline_start_views as starts
from training.web import pipeline_views as views

urlpatterns = [
    path("training/pipelines", views.pipelines, name="pipelines"),
    path("training/pipelines/new", edit.pipeline_new, name="pipeline-new"),
    path("training/pipelines/<uuid:pipeline_id>", views.pipeline, name="pipeline"),
    path("training/pipelines/<uuid:pipeline_id>/edit", edit.pipeline_edit, name="pipeline-edit"),
    path("training/pipelines/<uuid:pipeline_id>/runs", views.begin, name="pipeline-begin"),
    path(
        "training/pipelines/<uuid:pipeline_id>/schedules", starts.schedule_new, name="pipeline-schedule-new"
    ),
    path("training/pipelines/<uuid:pipeline_id>/triggers", starts.trigger_new, name="pipeline-trigger-new"),
    path("training/schedules/<uuid:schedule_id>", starts.schedule_change, name="pipeline-schedule-change"),
    path("training/triggers/<uuid:trigger_id>", starts.trigger_change, name="pipeline-trigger-change"),
    path("training/pipeline-runs/<uuid:run_id>", views.run, name="pipeline-run"),
    path("training/pipeline-runs/<uuid:run_id>/cancel", views.cancel, name="pipeline-run-cancel"),
    path("training/pipeline-runs/<uuid:run_id>/resume", views.resume, name="pipeline-run-resume"),
]
