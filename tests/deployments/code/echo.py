"""A model that is code: MLflow runs this file when it loads the model."""

import os
import time

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc import PythonModel


class Echo(PythonModel):
    """Answers with a table of what is hard to write as JSON; the value of a row says what the model does."""

    def predict(self, context, model_input, params=None):
        first = float(model_input["x"].iloc[0])
        if first == -1:
            raise ValueError("this model does not like -1")
        if first == -2:
            os._exit(9)
        if first < -100:
            time.sleep(-first / 1000)
        return pd.DataFrame(
            {
                "twice": model_input["x"] * (params or {}).get("factor", 2), "nothing": np.nan,
                "at": pd.Timestamp("2026-01-02T03:04:05"), "pid": os.getpid(),
                "kind": [str(kind) for kind in model_input.dtypes.iloc[:1]] * len(model_input),
            }
        )  # fmt: skip


mlflow.models.set_model(Echo())
