"""Routes of the experiment browser."""

from django.urls import path, register_converter

from experiments.web import artifact_views, compare_views, curve_views, run_views, views


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
    path("experiments/<int:experiment_id>/delete", views.experiment_remove, name="experiment-delete"),
    path("experiments/<int:experiment_id>/restore", views.experiment_bring_back, name="experiment-restore"),
    path("runs/compare", compare_views.runs_compare, name="runs-compare"),
    path("runs/compare.csv", compare_views.runs_compare_csv, name="runs-compare-csv"),
    path("runs/curves", curve_views.runs_curves, name="runs-curves"),
    path("runs/<run_id:run_id>", run_views.run, name="run"),
    path("runs/<run_id:run_id>/<run_tab:tab>", run_views.run, name="run-tab"),
    path("runs/<run_id:run_id>/file", artifact_views.run_file, name="run-file"),
    path("runs/<run_id:run_id>/rename", run_views.run_rename, name="run-rename"),
    path("runs/<run_id:run_id>/note", run_views.run_note, name="run-note"),
    path("runs/<run_id:run_id>/delete", run_views.run_remove, name="run-delete"),
    path("runs/<run_id:run_id>/restore", run_views.run_bring_back, name="run-restore"),
]
