"""Routes of the registry's pages."""

from django.urls import path, register_converter

from compliance.web.keys import KEY
from registry.web import (
    alias_views,
    edit_views,
    lineage_views,
    register_views,
    system_views,
    version_views,
    views,
)


class VersionTab:
    """A tab of a version's page other than the first."""

    regex = "|".join(name for name, _ in version_views.TABS if name != "overview")

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(VersionTab, "version_tab")
MODEL = "models/<slug:workspace>/<str:name>"
VERSION = f"{MODEL}/versions/<int:number>"

urlpatterns = [
    path("models", views.models, name="models"),
    path("models/find", views.model_find, name="model-find"),
    path(f"models/id/{KEY}", views.model_by_id, name="model-by-id"),
    path(f"models/id/{KEY}/version", views.version_by_id, name="version-by-id"),
    path(MODEL, views.model, name="model"),
    path(f"{MODEL}/at", views.model_at, name="model-at"),
    path(f"{MODEL}/description", edit_views.model_describe, name="model-describe"),
    path(f"{MODEL}/rename", edit_views.model_name, name="model-rename"),
    path(f"{MODEL}/delete", edit_views.model_remove, name="model-delete"),
    path(f"{MODEL}/tags", edit_views.model_tag, name="model-tag-set"),
    path(f"{MODEL}/aliases/remove", alias_views.alias_drop, name="alias-drop"),
    path(f"{VERSION}/aliases", alias_views.alias_set, name="alias-set"),
    path(f"{VERSION}/description", edit_views.version_describe, name="version-describe"),
    path(f"{VERSION}/delete", edit_views.version_remove, name="version-delete"),
    path(f"{VERSION}/tags", edit_views.version_tag, name="version-tag-set"),
    path("runs/<str:run_id>/register", register_views.register, name="register"),
    path("lineage/<str:node>", lineage_views.lineage, name="lineage"),
    path("systems", system_views.systems, name="systems"),
    path(f"systems/{KEY}", system_views.system, name="system"),
    path(VERSION, version_views.version, name="version"),
    path(f"{VERSION}/<version_tab:tab>", version_views.version, name="version-tab"),
]
