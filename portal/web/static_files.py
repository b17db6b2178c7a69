"""Static files as production serves them: named by their content and compressed."""

from functools import cached_property
from typing import ClassVar

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

_IMPORTS = (
    (
        r"""(?P<matched>import(?P<names>\s[^;"']*?)\s*from\s*["'](?P<url>\./[^"']*)["']\s*;)""",
        'import%(names)s from "%(url)s";',
    ),
    (r"""(?P<matched>import\s*["'](?P<url>\./[^"']*)["']\s*;)""", 'import "%(url)s";'),
)


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Our modules import one another by these names, too: one under two names would run twice, and its element cannot
    be defined twice. Those of others stay as they are."""

    patterns: ClassVar = (*HashedFilesMixin.patterns, ("portal/js/*.js", _IMPORTS))

    @cached_property
    def _addresses(self) -> dict[str, str]:
        return {}

    def url(self, name: str, force: bool = False) -> str:
        """Looked up once: a page names thirty files, and they stay what they are while the process lives."""
        if name not in self._addresses:
            self._addresses[name] = super().url(name, force)
        return self._addresses[name]
