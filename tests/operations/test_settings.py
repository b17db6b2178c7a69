"""A missing or bad value stops the boot with one sentence that names it; production refuses what is unsafe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "DATABASE_URL": "postgresql://portal:pw@127.0.0.1:5432/portal",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SECRET_KEY": "q8Vn2LxT0rYw5ZbKc1MfHs7GdJpAeUoI4tR9yXvBzNmQhWkEjFiDgCaSlP",
    "PORTAL_URL": "https://models.example.com",
    "DJANGO_SETTINGS_MODULE": "portal.settings.prod",
}


def boot(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run manage.py with a good environment of production and some changes; None takes a variable away."""
    env = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    env["PATH"] = os.environ["PATH"]
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", None),
        ("DATABASE_URL", "sqlite:///portal.db"),
        ("DATABASE_URL", "postgresql://portal@host:notaport/portal"),
        ("DATABASE_URL", "postgresql://portal@host"),
        ("REDIS_URL", None),
        ("REDIS_URL", "http://127.0.0.1"),
        ("SECRET_KEY", None),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("PORTAL_URL", None),
        ("PORTAL_URL", "http://models.example.com"),
        ("PORTAL_URL", "https://"),
        ("LOG_LEVEL", "LOUD"),
        ("TRUSTED_PROXY_COUNT", "many"),
    ],
)
def test_a_bad_value_stops_the_boot_with_one_sentence(name: str, value: str | None) -> None:
    done = boot("diffsettings", **{name: value})
    assert done.returncode != 0
    assert name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_a_secret_may_come_from_a_file_and_production_serves_only_its_own_host(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(GOOD["SECRET_KEY"] + "\n")
    done = boot("diffsettings", SECRET_KEY=None, SECRET_KEY_FILE=str(path))
    assert done.returncode == 0
    assert "ALLOWED_HOSTS = ['models.example.com']" in done.stdout


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = boot("diffsettings", SECRET_KEY=None, SECRET_KEY_FILE=str(tmp_path / "missing"))
    assert done.returncode != 0
    assert "SECRET_KEY_FILE" in done.stderr


@pytest.mark.slow
def test_production_passes_the_deployment_checks() -> None:
    done = boot("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_only_the_settings_read_the_environment() -> None:
    """Rule of the house; entry points choose the settings module, the supervisor hands the environment on."""
    allowed = {"portal/wsgi.py", "portal/asgi.py", "portal/celery.py", "portal/gateway.py"}
    readers = {
        str(path.relative_to(ROOT))
        for app in ("portal", "jobs", "experiments", "registry", "compliance")
        for path in (ROOT / app).rglob("*.py")
        if "os.environ" in path.read_text() or "getenv(" in path.read_text()
    }
    elsewhere = {name for name in readers if not name.startswith(("portal/settings/", "portal/embedded/"))}
    assert elsewhere <= allowed
