"""Inputs as a body of MLflow's scoring protocol."""

import json

_KEYS = {"dataframe_split", "dataframe_records", "instances", "inputs"}


def body_of(inputs):
    """The JSON of a request: a DataFrame is split, an array nested lists, a list of dicts records."""
    if hasattr(inputs, "to_json") and hasattr(inputs, "columns"):
        split = json.loads(inputs.to_json(orient="split", date_format="iso"))
        split.pop("index", None)
        return {"dataframe_split": split}
    if hasattr(inputs, "tolist"):
        return {"inputs": inputs.tolist()}
    if isinstance(inputs, dict):
        plain = {key: each.tolist() if hasattr(each, "tolist") else each for key, each in inputs.items()}
        return plain if _KEYS & plain.keys() else {"inputs": plain}
    if isinstance(inputs, list) and inputs and isinstance(inputs[0], dict):
        return {"dataframe_records": inputs}
    return {"inputs": inputs}
