"""Static files as production serves them: named by their content and compressed."""

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
