"""docker-compose.yml against the official schema, and what no schema knows: no default password, health checks."""

import importlib.resources
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.kernel.json_schema import library

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def schema() -> dict[str, Any]:
    """The schema of the Compose Specification, as the pinned wheel of check-jsonschema carries it."""
    folder = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    loaded: dict[str, Any] = json.loads((folder / "compose-spec.json").read_text())
    return loaded


def complaints(document: dict[str, Any]) -> list[str]:
    rules = schema()
    validator = library().validators.validator_for(rules)
    return [error.message for error in validator(rules).iter_errors(document)]


def test_it_follows_the_schema(compose: dict[str, Any]) -> None:
    assert complaints(compose) == []


def test_the_schema_would_find_a_mistake(compose: dict[str, Any]) -> None:
    web = {**compose["services"]["web"], "healthchek": {}}
    assert complaints({**compose, "services": {**compose["services"], "web": web}})


def test_the_parts_that_production_needs_are_there(compose: dict[str, Any]) -> None:
    assert {"web", "worker", "scheduler", "events", "postgres", "redis"} <= compose["services"].keys()


def test_one_image_serves_web_worker_scheduler_and_events(compose: dict[str, Any]) -> None:
    assert len({compose["services"][name]["image"] for name in ("web", "worker", "scheduler", "events")}) == 1


def test_everything_that_keeps_running_has_a_health_check(compose: dict[str, Any]) -> None:
    lasting = {name for name, service in compose["services"].items() if service.get("restart") != "no"}
    assert lasting == {name for name, service in compose["services"].items() if "healthcheck" in service}


def test_no_password_stands_in_the_file(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            is_secret = re.search(r"PASSWORD|SECRET|TOKEN|DATABASE_URL|REDIS_URL", variable)
            assert not is_secret or variable.endswith("_FILE"), f"{name} gets {variable} in the open"
            assert "://" not in str(value), f"{name}: {variable} holds an address: {value}"


def test_every_secret_is_a_file_that_the_script_makes(compose: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([sys.executable, str(ROOT / "scripts/make_secrets.py"), str(folder)], check=True)
    wanted = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    assert wanted == {path.name for path in folder.iterdir()}
    used = {name for service in compose["services"].values() for name in service.get("secrets", [])}
    assert used == compose["secrets"].keys()


def test_secrets_are_random_and_made_once(tmp_path: Path) -> None:
    texts = []
    for folder in (tmp_path / "one", tmp_path / "two", tmp_path / "one"):
        subprocess.run([sys.executable, str(ROOT / "scripts/make_secrets.py"), str(folder)], check=True)
        texts.append(
            {path.name: path.read_text() for path in folder.iterdir() if path.name != "oidc_client_secret"}
        )
    assert texts[0] == texts[2]
    assert all(texts[0][name] != texts[1][name] for name in texts[0])


def test_data_servers_are_not_reachable_from_outside(compose: dict[str, Any]) -> None:
    for name in ("postgres", "redis"):
        assert "ports" not in compose["services"][name]
        assert compose["services"][name]["networks"] == ["inside"]
    assert compose["networks"]["inside"]["internal"] is True
