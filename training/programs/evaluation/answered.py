"""The answers that models left: plain arrays, of which nothing is taken for granted."""

from pathlib import Path

import numpy as np

BYTES = 1024**3


def answers_read(path, count=None):
    """`predicted` and `scores` (or None), each with one value for each of `count` rows. Raises ValueError."""
    if Path(path).is_symlink() or Path(path).stat().st_size > BYTES:
        raise ValueError("the answers are a link or too large")
    with np.load(path, allow_pickle=False) as found:
        predicted = found["predicted"]
        scores = found["scores"] if "scores" in found.files else None
    count = predicted.size if count is None else count
    if predicted.shape != (count,) or predicted.dtype.kind not in "biufU":
        raise ValueError(f"the model gave no one answer for each of {count} rows")
    if scores is not None and (scores.shape != (count,) or scores.dtype.kind != "f"):
        raise ValueError(f"the model gave no one score for each of {count} rows")
    if scores is not None and not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError("a score of the model is no probability")
    return {"predicted": predicted, "scores": scores}
