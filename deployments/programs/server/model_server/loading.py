"""Loads the model and lets it answer once, so that the first caller does not wait for what loads late."""

import os
import sys
from pathlib import Path

import mlflow.pyfunc

from model_server.order import Order
from model_server.scoring import Scorer

EXAMPLE, _EXAMPLE_BYTES = "serving_input_example.json", 1024 * 1024


def model_load(order: Order) -> Scorer:
    """The model, ready to answer. Raises whatever loading it raises."""
    os.environ["_MLFLOW_IS_IN_SERVING_ENVIRONMENT"] = "true"  # some flavours load otherwise when they serve
    limits = order.limits
    scorer = Scorer(mlflow.pyfunc.load_model(str(order.model)), limits.threads, limits.batch_rows)
    _try_once(scorer, order.model / EXAMPLE)
    return scorer


def _try_once(scorer: Scorer, path: Path) -> None:
    if not path.is_file() or path.stat().st_size > _EXAMPLE_BYTES:
        return
    try:
        scorer.answer(path.read_bytes(), "application/json")
    except Exception as error:
        print(f"the example of the model failed: {type(error).__name__}", file=sys.stderr, flush=True)
