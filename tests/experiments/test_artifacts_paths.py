"""Which paths are taken, and what they become."""

import pytest

from experiments.artifacts.locations import (
    experiment_location,
    model_location,
    owner_of,
    run_location,
    store_path,
)
from experiments.artifacts.paths import path_normalised
from portal.kernel.errors import InvalidInput
from portal.kernel.ids import uuid7

# Shapes of past traversals; every one must be refused however often it is percent-encoded.
TRAVERSALS = [
    "..", "../secret", "a/../../secret", "a/..", "a/../b", "./a", "a/./b", "a//b", "//host/share",
    "/etc/passwd",
    "..\\secret", "a\\..\\..\\secret", "\\\\host\\share", "C:/secret", "c:\\secret", "a/C:/x", "file:///etc/passwd",
    "FILE:/etc/passwd", "file:x", "a#/../../secret", "#/../secret", "a?/../../secret", "a;/../../secret",
    "..;/secret", "a;b", "a\x00b", "\x00", "a\nb", "a\r\nX: y", 
    "..\uff0fsecret", "a\uff3cb", "\u2025/secret", "a\x7fb", "a\x85b", "a\u2028b",
]  # fmt: skip


def encoded(path: str, *, rounds: int) -> str:
    """Every byte percent-encoded, as often as asked."""
    for _ in range(rounds):
        path = "".join(f"%{byte:02x}" for byte in path.encode())
    return path


@pytest.mark.parametrize("rounds", [0, 1, 2, 3])
@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_traversal_survives_any_encoding(path: str, rounds: int) -> None:
    with pytest.raises(InvalidInput):
        path_normalised(encoded(path, rounds=rounds))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "%ff",
        "%c0%ae%c0%ae/secret",
        "a/" + "n" * 251,
        "/".join(["n" * 100] * 9),
        "\ud800",
        encoded("a", rounds=9),
    ],
)
def test_what_no_store_could_hold_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        path_normalised(path)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("a/b.txt", "a/b.txt"),
        ("folder/", "folder"),
        ("a%20b/ü%C3%BC.txt", "a b/üü.txt"),
        ("50%.png", "50%.png"),
        ("...", "..."),
        ("..a/b..", "..a/b.."),
        ("2026-01-01T10:00.log", "2026-01-01T10:00.log"),
        ("Bildschirmfoto\u202f1.png", "Bildschirmfoto\u202f1.png"),
        ("n" * 250, "n" * 250),
    ],
)
def test_plain_names_pass_and_are_decoded_once_and_for_all(given: str, path: str) -> None:
    assert path_normalised(given) == path
    assert path_normalised(path) == path


def test_the_owner_of_a_path_is_read_off_its_location() -> None:
    run_id, model_id = uuid7(), "m-" + uuid7().hex
    run = owner_of(store_path(run_location(3, 7, run_id)) + "/a/b.txt")
    assert run is not None
    assert (run.workspace_id, run.experiment_id, run.run_id, run.is_inside) == (3, 7, run_id, True)
    model = owner_of(store_path(model_location(3, 7, model_id)))
    assert model is not None
    assert (model.model_id, model.run_id, model.is_inside) == (model_id, None, True)


@pytest.mark.parametrize("inside", ["", "/other", "/artifacts2", "/artifactsx/y"])
def test_only_the_artifact_folder_of_an_owner_is_inside(inside: str) -> None:
    run = owner_of(f"3/7/{uuid7().hex}{inside}")
    assert run is not None
    assert not run.is_inside


@pytest.mark.parametrize(
    "path",
    ["", "3", "x/y", "03/7", "3/7/other", "3/7/models/nothing", "3/7/models/m-1/artifacts", "3/7/artifacts"],
)
def test_a_path_outside_the_layout_has_no_owner(path: str) -> None:
    assert owner_of(path) is None


def test_the_folder_of_an_experiment_belongs_to_it() -> None:
    owner = owner_of(store_path(experiment_location(3, 7)))
    assert owner is not None
    assert (owner.experiment_id, owner.run_id, owner.model_id, owner.is_inside) == (7, None, None, False)
