"""The digest that MLflow's client gives to a table, so that what a run logged is found again."""

import hashlib

import numpy as np
import pandas as pd

ROWS = 10_000


def mlflow_digest(table):
    """Eight hex digits over the columns of numbers and texts, the ones of `mlflow.data.from_pandas`."""
    head = table.head(ROWS)
    texts = head.columns[(table.map(type) == str).all(axis=0)]  # noqa: E721 - exactly a text, as there
    numbers = head.select_dtypes(include=[np.number]).columns
    md5 = hashlib.md5(usedforsecurity=False)
    md5.update(pd.util.hash_pandas_object(head[texts.union(numbers)]).values)
    md5.update(np.int64(len(table)))
    for name in table.columns:
        md5.update(str(name).encode())
    return md5.hexdigest()[:8]
