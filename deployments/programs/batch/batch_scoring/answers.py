"""What a model answers, as columns of a table."""

import numpy as np
import pandas as pd
import pyarrow as pa

from batch_scoring.problems import Problem


def answers_table(found, rows, name):
    """One column called `name`, or several called `name_0`, `name_<column>`. Raises Problem."""
    try:
        made = {label: _array(values) for label, values in _columns(found, name).items()}
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError) as error:
        why = f"What the model answered is no table: {str(error)[:500]}"
        raise Problem("bad_answer", why) from error
    lengths = {len(values) for values in made.values()}
    if lengths != {rows}:
        said = ", ".join(map(str, sorted(lengths))) or "none"
        raise Problem("bad_answer", f"The model was asked about {rows} rows and answered {said}.")
    return pa.table(made)


def _columns(found, name):
    if isinstance(found, pd.DataFrame):
        if found.shape[1] == 1:
            return {name: found.iloc[:, 0]}
        return {f"{name}_{column}": found[column] for column in found.columns}
    if isinstance(found, dict):
        return {f"{name}_{key}": values for key, values in found.items()}
    if isinstance(found, np.ndarray) and found.ndim == 2:
        if found.shape[1] == 1:
            return {name: found[:, 0]}
        return {f"{name}_{number}": found[:, number] for number in range(found.shape[1])}
    if hasattr(found, "toarray"):
        return _columns(found.toarray(), name)
    return {name: found}


def _array(values):
    if isinstance(values, np.ndarray) and values.ndim > 1:
        values = values.tolist()
    return pa.array(values, from_pandas=True)
