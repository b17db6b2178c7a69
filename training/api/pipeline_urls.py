"""The addresses of pipelines below /api/v1/."""

from django.urls import path

from training.api import pipeline_start_views as starts
from training.api import pipeline_views as views

urlpatterns = [
    path("pipeline-schema", views.PipelineSchema.as_view(), name="api-pipeline-schema"),
    path("pipelines", views.PipelineList.as_view(), name="api-pipelines"),
    path("pipelines/<uuid:pipeline_id>", views.PipelineOne.as_view(), name="api-pipeline"),
    path("pipelines/<uuid:pipeline_id>/runs", views.PipelineRuns.as_view(), name="api-pipeline-runs"),
    path("pipelines/<uuid:pipeline_id>/schedules", starts.Schedules.as_view(), name="api-pipeline-schedules"),
    path("pipelines/<uuid:pipeline_id>/triggers", starts.Triggers.as_view(), name="api-pipeline-triggers"),
    path("pipeline-schedules/<uuid:schedule_id>", starts.ScheduleOne.as_view(), name="api-pipeline-schedule"),
    path("pipeline-triggers/<uuid:trigger_id>", starts.TriggerOne.as_view(), name="api-pipeline-trigger"),
    path("pipeline-runs", views.RunList.as_view(), name="api-all-pipeline-runs"),
    path("pipeline-runs/<uuid:run_id>", views.RunOne.as_view(), name="api-pipeline-run"),
    path("pipeline-runs/<uuid:run_id>/cancel", views.RunCancel.as_view(), name="api-pipeline-run-cancel"),
    path("pipeline-runs/<uuid:run_id>/resume", views.RunResume.as_view(), name="api-pipeline-run-resume"),
]
