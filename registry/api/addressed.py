"""How the API names a version: by workspace, model and number."""

from portal.api.base import ApiView
from registry.models import ModelVersion
from registry.selectors.web_version import version_numbered

VERSION = "workspaces/<slug:workspace>/registered-models/<str:model>/versions/<int:number>"


class VersionView(ApiView):
    """A view below the address of a version."""

    def version(self, workspace: str, model: str, number: int) -> ModelVersion:
        """The version. Raises NotFound, too, when the caller may not see it."""
        return version_numbered(self.actor, workspace, model, number)
