"""Models of tests: one of scikit-learn with five types of columns, and one that is Python code."""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.models.signature import infer_signature
from mlflow.types.schema import ColSpec, ParamSchema, ParamSpec, Schema
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

CODE = Path(__file__).parent / "code"
ROWS = {
    "age": [31, 45, 52, 23], "income": [1000.5, 2000.0, 800.25, 4000.0], "is_new": [True, False, True, False],
    "region": ["north", "south", "north", "east"],
}  # fmt: skip
COLUMNS = [("long", "age"), ("double", "income"), ("boolean", "is_new"), ("string", "region")]


def sklearn_save(folder: Path) -> Path:
    """A pipeline over `ROWS` that answers 0 or 1."""
    table = pd.DataFrame(ROWS)
    encoded = make_column_transformer((OneHotEncoder(), ["region"]), remainder="passthrough")
    model = make_pipeline(encoded, LogisticRegression()).fit(table, [0, 1, 0, 1])
    signature = ModelSignature(inputs=Schema([ColSpec(kind, name) for kind, name in COLUMNS]))
    mlflow.sklearn.save_model(
        model, str(folder), signature=signature, input_example=table.head(1), pip_requirements=[],
        serialization_format="cloudpickle",
    )  # fmt: skip
    return folder


def echo_save(folder: Path) -> Path:
    signature = ModelSignature(
        inputs=Schema([ColSpec("double", "x"), ColSpec("datetime", "when", required=False)]),
        params=ParamSchema([ParamSpec("factor", "double", 2.0)]),
    )
    mlflow.pyfunc.save_model(
        str(folder), python_model=str(CODE / "echo.py"), signature=signature, pip_requirements=[]
    )
    return folder


def arrays_save(folder: Path) -> Path:
    """A model whose signature is one tensor without a name, `[-1, 3]`."""
    signature = infer_signature(np.zeros((2, 3)), np.zeros(2))
    mlflow.pyfunc.save_model(
        str(folder), python_model=str(CODE / "arrays.py"), signature=signature, pip_requirements=[]
    )
    return folder
