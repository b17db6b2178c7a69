"""The key that technical files are signed with."""

from pathlib import Path

from portal.settings import environment as env


def key_file(data_dir: Path) -> tuple[str, bool]:
    """The file of the key, and whether the portal makes it: it does where nobody names one."""
    given = env.text("DOCUMENT_SIGNING_KEY_FILE", "")
    return given or str(data_dir / "secrets" / "document_signing_key"), not given
