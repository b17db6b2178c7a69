"""Open Inference Protocol v2: tensors of a request as what the model takes, and its answer as tensors.

A model whose signature has columns gets a table of the inputs, one column each; one with tensors gets arrays by name,
or the only one as it is; one without signature gets the only input as an array, and several as a table.
"""

import math

import numpy as np
import orjson
import pandas as pd
from mlflow.types.schema import DataType

from model_server.problems import Problem
from model_server.scoring import Scorer, json_read

DTYPES = {
    "BOOL": "bool", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64", "INT8": "int8",
    "INT16": "int16", "INT32": "int32", "INT64": "int64", "FP16": "float16", "FP32": "float32", "FP64": "float64",
    "BYTES": "object",
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in DTYPES.items() if name != "BYTES"}
_OF_COLUMNS = {
    DataType.boolean: "BOOL", DataType.integer: "INT32", DataType.long: "INT64", DataType.float: "FP32",
    DataType.double: "FP64",
}  # fmt: skip
_ALLOWED = {"b": {bool}, "i": {int}, "u": {int}, "f": {int, float, type(None)}, "O": {str}}


def infer(scorer: Scorer, body: bytes, name: str, version: str) -> bytes:
    """The answer to one inference request. Raises Problem."""
    said = json_read(body)
    inputs = said.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise Problem(
            400, "bad_form", "inputs must be a list of tensors with name, shape, datatype and data."
        )
    tensors = {}
    for each in inputs:
        label, array = _tensor(each)
        if label in tensors:
            raise Problem(400, "bad_form", f"The input {label} is there twice.")
        tensors[label] = array
    parameters = said.get("parameters") if scorer.model.metadata.get_params_schema() else None
    found = scorer.predict(*_arguments(scorer, tensors), parameters, checked=scorer.columns is not None)
    answer = {
        "model_name": name,
        "model_version": version,
        "outputs": [_output(*each) for each in _parts(found)],
    }
    if isinstance(said.get("id"), str):
        answer["id"] = said["id"]
    return orjson.dumps(answer)


def described(scorer: Scorer, name: str, version: str) -> dict:
    """The metadata of the model, from its signature."""
    return {
        "name": name, "versions": [version], "platform": "mlflow_pyfunc",
        "inputs": _described(scorer.input_schema, "input"), "outputs": _described(scorer.output_schema, "output"),
    }  # fmt: skip


def _tensor(said) -> tuple:
    if not isinstance(said, dict):
        raise Problem(400, "bad_form", "Each input must be an object.")
    name, shape, datatype, data = (said.get(key) for key in ("name", "shape", "datatype", "data"))
    if not isinstance(name, str) or datatype not in DTYPES or not isinstance(data, list):
        why = f"An input needs a name, a datatype among {', '.join(DTYPES)}, and data as a list (no binary data)."
        raise Problem(400, "bad_form", why)
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise Problem(400, "bad_form", f"The shape of {name} must be a list of whole numbers.", column=name)
    values = list(_flat(data))
    if len(values) != math.prod(shape):
        why = f"The input {name} has {len(values)} values for the shape {shape}."
        raise Problem(400, "wrong_shape", why, column=name, expected=math.prod(shape), found=len(values))
    return name, _array(name, datatype, values).reshape(shape)


def _flat(data: list):
    for each in data:
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield each


def _array(name: str, datatype: str, values: list) -> np.ndarray:
    dtype = np.dtype(DTYPES[datatype])
    for at, value in enumerate(values):
        if type(value) not in _ALLOWED[dtype.kind]:
            found = type(value).__name__
            why = f"The input {name} must be {datatype}, and value {at} is a {found}."
            raise Problem(400, "wrong_type", why, column=name, expected=datatype, found=found, row=at)
    try:
        return np.array(values, dtype=dtype)
    except OverflowError:
        why = f"The input {name} must be {datatype}, and has a number beyond its range."
        raise Problem(400, "wrong_type", why, column=name, expected=datatype, found="out of range") from None


def _arguments(scorer: Scorer, tensors: dict) -> tuple:
    """What the model is called with, in a tuple of one."""
    schema = scorer.input_schema
    if schema is not None and not schema.is_tensor_spec():
        return (_table(scorer, tensors),)
    if schema is not None and schema.has_input_names():
        return (tensors,)
    return (next(iter(tensors.values())),) if len(tensors) == 1 else (pd.DataFrame(_flattened(tensors)),)


def _table(scorer: Scorer, tensors: dict) -> pd.DataFrame:
    if scorer.columns is None:
        only = next(iter(tensors.values()))
        return pd.DataFrame(only if only.ndim == 2 else _flattened(tensors))
    values = {name: array.tolist() for name, array in _flattened(tensors).items()}
    if len({len(each) for each in values.values()}) > 1:
        raise Problem(400, "wrong_shape", "The inputs have different numbers of rows.")
    scorer.columns.check(values)
    table = scorer.columns.table(values)
    return pd.DataFrame(values) if table is None else table


def _flattened(tensors: dict) -> dict:
    for name, array in tensors.items():
        if array.ndim > 2 or (array.ndim == 2 and array.shape[1] != 1):
            why = f"The input {name} must have one value for each row: its shape is {list(array.shape)}."
            raise Problem(
                400, "wrong_shape", why, column=name, expected="[rows, 1]", found=str(list(array.shape))
            )
    return {name: array.reshape(-1) for name, array in tensors.items()}


def _parts(found) -> list:
    if isinstance(found, pd.DataFrame):
        return [(str(name), found[name].to_numpy()) for name in found.columns]
    if isinstance(found, dict):
        return [(str(name), np.asarray(each)) for name, each in found.items()]
    name = str(found.name) if isinstance(found, pd.Series) and found.name is not None else "output-1"
    return [(name, np.asarray(found))]


def _output(name: str, array: np.ndarray) -> dict:
    array = array.reshape(-1) if array.ndim == 0 else array
    datatype, flat = _NAMES.get(array.dtype.name), array.reshape(-1)
    if datatype is None:
        data = [None if value is None else str(value) for value in flat.tolist()]
        return {"name": name, "shape": list(array.shape), "datatype": "BYTES", "data": data}
    return {"name": name, "shape": list(array.shape), "datatype": datatype, "data": flat.tolist()}


def _described(schema, unnamed: str) -> list:
    found = []
    for at, spec in enumerate(schema.inputs if schema is not None else [], 1):
        if schema.is_tensor_spec():
            datatype, shape = _NAMES.get(np.dtype(spec.type).name, "BYTES"), list(spec.shape)
        else:
            datatype, shape = _OF_COLUMNS.get(spec.type, "BYTES"), [-1]
        found.append({"name": spec.name or f"{unnamed}-{at}", "datatype": datatype, "shape": shape})
    return found
