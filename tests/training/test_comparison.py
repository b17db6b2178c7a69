"""Trainings side by side."""

import tempfile
from pathlib import Path

import pytest
from django.urls import reverse

from portal.accounts.actor import Actor
from portal.kernel.clock import now
from tests.training.test_training_pages import client_of
from training.models import RuntimeEnvironment, TrainingJob
from training.models.code import UPLOAD
from training.selectors.comparing import training_groups, trainings_chosen
from training.selectors.lock_reading import lock_packages
from training.services.jobs import training_submit
from training.work.code import snapshot_keep
from training.work.differences import code_differences

LOCK = "mlflow==3.1 \\\n    --hash=sha256:aa\nscikit_learn==1.5 ; python_version > '3'\n"


def made(workspace, cora, number: int, code: dict[str, str]) -> TrainingJob:
    spec = {
        "experiment": "trainings", "command": "python train.py", "code": {"bundled": "iris"}, "name": f"n{number}",
        "parameters": {"c": number, "same": "x"},
    }  # fmt: skip
    training = training_submit(actor=Actor.of_user(cora), workspace=workspace, spec=spec)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "code"
        root.mkdir()
        for path, text in code.items():
            (root / path).write_text(text)
        training.code = snapshot_keep(workspace.pk, root, source=UPLOAD)
    training.environment = RuntimeEnvironment.objects.create(
        digest=str(number) * 64, lock=LOCK.replace("3.1", f"3.{number}"), python_version="3.11", platform="linux",
        created_at=now(),
    )  # fmt: skip
    training.seen = {"machine": {"model": "Xeon", "cpus": number, "gpus": []}}
    training.save()
    return training


@pytest.fixture
def two(workspace, cora) -> list[TrainingJob]:
    same = {"same.py": "pass\n"}
    return [
        made(workspace, cora, 1, {**same, "train.py": "a = 1\n", "old.py": "x\n"}),
        made(workspace, cora, 2, {**same, "train.py": "a = 2\n", "big.bin": "\0"}),
    ]


def test_the_page_tells_what_differs(two, bob, cleo):
    address = reverse("training-comparison") + f"?t={two[0].pk}&t={two[1].pk}"
    page = client_of(bob).get(address).content.decode()
    assert all(text in page for text in ("n1", "n2", "-a = 1", "+a = 2", "3.1", "3.2", "Xeon"))
    assert "scikit-learn" not in page
    assert "2 the same" in page  # Python and scikit-learn
    short = client_of(bob).get(f"{address}&show=differences").content.decode()
    assert "Xeon" not in short
    assert client_of(cleo).get(address).status_code == 404
    assert client_of(bob).get(reverse("training-comparison") + f"?t={two[0].pk}").status_code == 302


def test_numbers_have_their_difference_to_the_first(two, bob):
    groups = training_groups(
        trainings_chosen(Actor.of_user(bob), [str(each.pk) for each in two]), only_differences=True
    )
    lines = {line.name: line.values for group in groups for line in group.lines}
    assert lines["c"] == ["1", "2"]
    assert lines["mlflow"] == ["3.1", "3.2"]
    assert "same" not in lines


def test_code_is_read_file_by_file(two):
    first, second = (each.code for each in two)
    found = code_differences(first, second)
    assert [(each.path, each.what) for each in found.files] == [
        ("big.bin", "added"), ("old.py", "removed"), ("train.py", "changed"),
    ]  # fmt: skip
    assert found.files[0].lines == []
    assert code_differences(first, first).files == []


def test_a_lock_pins_versions_and_addresses():
    lock = LOCK + "thing[extra]==2.0\nown @ git+https://example.org/x@abc\n# none==1\n"
    assert lock_packages(lock) == {
        "mlflow": "3.1", "scikit-learn": "1.5", "thing": "2.0", "own": "git+https://example.org/x@abc",
    }  # fmt: skip
