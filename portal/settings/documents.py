"""The keys that the portal makes where nobody names one: of technical files, and of the secrets of jobs."""

from pathlib import Path

from portal.settings import environment as env


def key_file(data_dir: Path) -> tuple[str, bool]:
    """The file of the key, and whether the portal makes it: it does where nobody names one."""
    given = env.text("DOCUMENT_SIGNING_KEY_FILE", "")
    return given or str(data_dir / "secrets" / "document_signing_key"), not given


def secrets_key_file(data_dir: Path) -> tuple[str, bool]:
    """The file of the key that secrets of jobs are encrypted with, and whether the portal makes it."""
    given = env.text("JOBS_SECRETS_KEY_FILE", "")
    return given or str(data_dir / "secrets" / "jobs_secrets_key"), not given
