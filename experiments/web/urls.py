"""Routes of the experiment browser."""

from django.urls import path, register_converter

from experiments.web import (
    act_views,
    artifact_views,
    compare_views,
    curve_views,
    facet_views,
    overview_views,
    report_views,
    retention_views,
    run_views,
    saved_view_views,
    table_views,
    views,
)


class RunId:
    """MLflow's run id: 32 hex digits."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Tab:
    """A tab of the run page other than the first."""

    regex = "|".join(name for name, _ in run_views.TABS if name != "overview")

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RunId, "run_id")
register_converter(Tab, "run_tab")

urlpatterns = [
    path("experiments", views.experiments, name="experiments"),
    path("experiments/new", views.experiment_new, name="experiment-new"),
    path("experiments/<int:experiment_id>", views.experiment, name="experiment"),
    path(
        "experiments/<int:experiment_id>/overview",
        overview_views.experiment_overview,
        name="experiment-overview",
    ),
    path("experiments/<int:experiment_id>/note", overview_views.experiment_note, name="experiment-note"),
    path("experiments/<int:experiment_id>/delete", views.experiment_remove, name="experiment-delete"),
    path("experiments/<int:experiment_id>/restore", views.experiment_bring_back, name="experiment-restore"),
    path("reports", report_views.reports, name="reports"),
    path("reports/new", report_views.report_new, name="report-new"),
    path("reports/<uuid:report_id>", report_views.report, name="report"),
    path("reports/<uuid:report_id>/edit", report_views.report_edit, name="report-edit"),
    path("reports/<uuid:report_id>/pdf", report_views.report_as_pdf, name="report-pdf"),
    path("reports/<uuid:report_id>/restore", report_views.report_bring_back, name="report-restore"),
    path("reports/<uuid:report_id>/delete", report_views.report_remove, name="report-delete"),
    path("workspaces/<slug:name>/storage", retention_views.storage, name="storage"),
    path("workspaces/<slug:name>/retention", retention_views.rule_set, name="retention"),
    path("workspaces/<slug:name>/collections", retention_views.collection_new, name="collection-new"),
    path("collections/<uuid:collection_id>", retention_views.collection, name="collection"),
    path(
        "collections/<uuid:collection_id>/things.<slug:form>",
        retention_views.collection_file,
        name="collection-file",
    ),
    path("runs/compare", compare_views.runs_compare, name="runs-compare"),
    path("runs/compare.csv", compare_views.runs_compare_csv, name="runs-compare-csv"),
    path("runs/curves", curve_views.runs_curves, name="runs-curves"),
    path("runs", table_views.runs, name="runs"),
    path("runs/rows", table_views.run_rows, name="runs-rows"),
    path("runs/acts", act_views.run_acts, name="runs-acts"),
    path("runs/<run_id:run_id>/name", act_views.run_name_set, name="run-name"),
    path("runs/<run_id:run_id>/mark", act_views.run_mark_set, name="run-mark"),
    path("runs/completions", table_views.run_completions, name="runs-completions"),
    path("runs/facets", facet_views.run_facets, name="runs-facets"),
    path("runs/views", saved_view_views.saved_view_new, name="saved-view-new"),
    path("runs/views/<uuid:view_id>/default", saved_view_views.saved_view_default, name="saved-view-default"),
    path("runs/views/<uuid:view_id>/delete", saved_view_views.saved_view_delete, name="saved-view-delete"),
    path("runs/layout", table_views.runs_layout, name="runs-layout"),
    path("runs/<run_id:run_id>", run_views.run, name="run"),
    path("runs/<run_id:run_id>/<run_tab:tab>", run_views.run, name="run-tab"),
    path("runs/<run_id:run_id>/framed", artifact_views.run_framed, name="run-framed"),
    path("runs/<run_id:run_id>/file", artifact_views.run_file, name="run-file"),
    path("runs/<run_id:run_id>/rename", run_views.run_rename, name="run-rename"),
    path("runs/<run_id:run_id>/note", run_views.run_note, name="run-note"),
    path("runs/<run_id:run_id>/delete", run_views.run_remove, name="run-delete"),
    path("runs/<run_id:run_id>/restore", run_views.run_bring_back, name="run-restore"),
]
