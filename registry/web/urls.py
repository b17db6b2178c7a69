"""Routes of the registry's pages."""

from django.urls import path, register_converter

from compliance.web.keys import KEY
from registry.web import (
    alias_views,
    card_views,
    edit_views,
    lineage_views,
    look_views,
    register_views,
    system_edit_views,
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
    path(f"{VERSION}/scan", look_views.scan, name="version-scan"),
    path(f"{VERSION}/sign", look_views.sign, name="version-sign"),
    path(f"{VERSION}/check-signature", look_views.signature_check, name="version-check-signature"),
    path(f"{VERSION}/bill", look_views.bill, name="version-bill"),
    path(f"{VERSION}/delete", edit_views.version_remove, name="version-delete"),
    path(f"{VERSION}/verify", look_views.verify, name="version-verify"),
    path(f"{VERSION}/tags", edit_views.version_tag, name="version-tag-set"),
    path(f"{VERSION}/card/edit", card_views.card_change, name="card-edit"),
    path(f"{VERSION}/card/import", card_views.card_take, name="card-import"),
    path(f"{VERSION}/card.json", card_views.card_file, name="card-file"),
    path("runs/<str:run_id>/register", register_views.register, name="register"),
    path("lineage/<str:node>", lineage_views.lineage, name="lineage"),
    path("systems", system_views.systems, name="systems"),
    path("systems/new", system_edit_views.system_new, name="system-new"),
    path(f"systems/{KEY}", system_views.system, name="system"),
    path(f"systems/{KEY}/record", system_edit_views.system_edit, name="system-edit"),
    path(f"systems/{KEY}/details", system_edit_views.system_details, name="system-details"),
    path(f"systems/{KEY}/technical-files", system_edit_views.system_file, name="system-file"),
    path(f"systems/{KEY}/statements", system_edit_views.system_attest, name="system-attest"),
    path(f"systems/{KEY}/tier", system_edit_views.system_tier, name="system-reclassify"),
    path(f"systems/{KEY}/retire", system_edit_views.system_leave, name="system-retire"),
    path(f"systems/{KEY}/models", system_edit_views.system_link, name="system-link"),
    path(f"systems/{KEY}/models/<uuid:link>/end", system_edit_views.system_unlink, name="system-unlink"),
    path(VERSION, version_views.version, name="version"),
    path(f"{VERSION}/<version_tab:tab>", version_views.version, name="version-tab"),
]
