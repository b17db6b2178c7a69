"""Files of runs through the client: logged in every form, listed, loaded, downloaded."""

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts, load_dict, load_image, load_text

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


def _paths(run_id: str, folder: str | None = None) -> list[str]:
    return [file.path for file in MlflowClient().list_artifacts(run_id, folder)]


def test_texts_dicts_and_images(ann: str) -> None:
    pixels: Any = np.zeros((4, 6, 3), dtype=np.uint8)
    with mlflow.start_run() as run:
        mlflow.log_text("größer 🚀", "notes/a b.txt")
        mlflow.log_dict({"a": [1, 2]}, "config.json")
        mlflow.log_image(pixels, "black.png")
        mlflow.log_text("", "empty.txt")
    root = run.info.artifact_uri
    assert load_text(f"{root}/notes/a b.txt") == "größer 🚀"
    assert load_dict(f"{root}/config.json") == {"a": [1, 2]}
    assert load_image(f"{root}/black.png").size == (6, 4)
    assert load_text(f"{root}/empty.txt") == ""
    assert _paths(run.info.run_id) == ["black.png", "config.json", "empty.txt", "notes"]
    assert _paths(run.info.run_id, "notes") == ["notes/a b.txt"]
    assert _paths(run.info.run_id, "nowhere") == []


def test_images_over_time(ann: str) -> None:
    with mlflow.start_run() as run:
        mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), key="samples", step=3)
        mlflow.flush_artifact_async_logging()
    assert any("step+3" in path for path in _paths(run.info.run_id, "images"))
    assert "mlflow.loggedImages" in mlflow.get_run(run.info.run_id).data.tags


def test_a_figure(ann: str) -> None:
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    with mlflow.start_run() as run:
        mlflow.log_figure(figure, "plots/line.png")
    assert load_image(f"{run.info.artifact_uri}/plots/line.png").format == "PNG"


def test_tables_of_several_runs(ann: str) -> None:
    with mlflow.start_run() as run:
        mlflow.log_table({"question": ["a", "b"], "answer": ["one", "two"]}, "answers.json")
        mlflow.log_table(pd.DataFrame({"question": ["c"], "answer": ["three"]}), "answers.json")
    found = mlflow.load_table("answers.json", run_ids=[run.info.run_id])
    assert list(found["answer"]) == ["one", "two", "three"]


def test_folders_and_large_files(ann: str, tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    large = np.random.default_rng(0).bytes(12_000_000)
    (tmp_path / "large.bin").write_bytes(large)
    (tmp_path / "deep/er/x.txt").write_text("x")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(tmp_path), "out")
        mlflow.log_artifact(str(tmp_path / "deep/er/x.txt"))
    assert _paths(run.info.run_id, "out") == ["out/deep", "out/large.bin"]
    sizes = {file.path: file.file_size for file in MlflowClient().list_artifacts(run.info.run_id, "out")}
    assert sizes["out/large.bin"] == len(large)
    fetched = Path(
        download_artifacts(run_id=run.info.run_id, artifact_path="out", dst_path=str(tmp_path / "back"))
    )
    assert (fetched / "large.bin").read_bytes() == large
    assert (fetched / "deep/er/x.txt").read_text() == "x"


def test_all_files_of_a_run(ann: str) -> None:
    with mlflow.start_run() as run:
        mlflow.log_text("x", "a.txt")
        mlflow.log_text("y", "deep/b.txt")
    for wanted in (None, "", "."):
        folder = Path(download_artifacts(run_id=run.info.run_id, artifact_path=wanted))
        assert (folder / "a.txt").read_text() == "x"
        assert (folder / "deep/b.txt").read_text() == "y"


def test_a_missing_file_is_said_to_be_missing(ann: str) -> None:
    with mlflow.start_run() as run:
        pass
    with pytest.raises(Exception, match=r"(?i)not found|no such|404|does not exist"):
        load_text(f"{run.info.artifact_uri}/nothing.txt")
