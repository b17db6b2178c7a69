"""Readers by the kind of source. What reads a format is loaded only when it is asked for: some takes seconds, and
some may not be installed."""

from pathlib import Path

from transfer.objects import Reader, SourceUnavailable


def tensorboard_reader(folder: Path, *, name: str, address: str = "") -> Reader:
    """TensorBoard's event files below a folder. Raises SourceUnavailable."""
    try:
        from transfer.sources.tensorboard import TensorBoardReader  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _library_missing("tensorboard") from error
    return TensorBoardReader(folder, name=name, address=address)


def wandb_reader(folder: Path, *, name: str, address: str = "") -> Reader:
    """W&B's own folders of runs, or a folder of its exports. Raises SourceUnavailable."""
    if not (any(folder.glob("*.wandb")) or any(folder.glob("*run-*/*.wandb"))):
        from transfer.sources.wandb_exports import WandbExportReader  # noqa: PLC0415

        return WandbExportReader(folder, name=name, address=address)
    try:
        from transfer.sources.wandb_runs import WandbReader  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _library_missing("wandb") from error
    return WandbReader(folder, name=name, address=address)


def _library_missing(name: str) -> SourceUnavailable:
    return SourceUnavailable(
        f"This needs the package {name}, which the portal itself does not. Install it beside the portal: "
        "python -m pip install -r requirements/transfer.txt"
    )
