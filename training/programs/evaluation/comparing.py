"""A model beside the champion, on the same rows."""

import numpy as np
from measures import measured, plain

ROUNDS = 200


def compared(task, truth, ours, theirs, seed):
    """Metrics of the champion, the differences, and an interval of the main one by resampling the rows."""
    mine = measured(task, truth, ours["predicted"], ours["scores"])
    other = measured(task, truth, theirs["predicted"], theirs["scores"])
    main = "accuracy_score" if task == "classification" else "mean_absolute_error"
    worth = _worth(task, truth, ours["predicted"]) - _worth(task, truth, theirs["predicted"])
    random = np.random.default_rng(seed)
    rounds = [worth[random.integers(0, len(worth), len(worth))].mean() for _ in range(ROUNDS)]
    return {
        "metrics": other,
        "differences": {
            name: plain(mine[name] - other[name]) for name in mine.keys() & other.keys() - {"example_count"}
        },
        "main": main, "interval": [plain(np.quantile(rounds, share)) for share in (0.025, 0.975)],
        "agreement": plain(np.mean(ours["predicted"].astype(str) == theirs["predicted"].astype(str)))
        if task == "classification" else None,
    }  # fmt: skip


def _worth(task, truth, predicted):
    if task == "classification":
        return (truth.astype(str) == predicted.astype(str)).astype(float)
    return np.abs(truth.astype(float) - predicted.astype(float))
