"""The columns that a signature asks for, checked value by value, and the table that the model gets.

Stricter than MLflow in two points: text is no number, and a number with a fraction is no whole one. MLflow casts both.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from mlflow.types.schema import ColSpec, DataType

from model_server.problems import Problem

_WHOLE, _REAL = frozenset({int}), frozenset({int, float})
_NULL = type(None)


@dataclass(frozen=True)
class Kind:
    """What JSON may hold for a type of MLflow, and as what numpy keeps it; None is decided by pandas."""

    allowed: frozenset
    dtype: object = None


KINDS = {
    DataType.boolean: Kind(frozenset({bool}), np.dtype(bool)),
    DataType.integer: Kind(_WHOLE, np.dtype(np.int32)),
    DataType.long: Kind(_WHOLE, np.dtype(np.int64)),
    DataType.float: Kind(_REAL | {_NULL}, np.dtype(np.float32)),
    DataType.double: Kind(_REAL | {_NULL}, np.dtype(np.float64)),
    DataType.string: Kind(frozenset({str, _NULL})),
    DataType.datetime: Kind(frozenset({str, int, _NULL})),
    DataType.binary: Kind(frozenset({str, _NULL})),
}
# These are turned into numbers or text without a second look; the others are MLflow's to cast.
_DIRECT = {*KINDS} - {DataType.datetime, DataType.binary}
_NAMES = {
    bool: "boolean",
    int: "long",
    float: "double",
    str: "string",
    list: "array",
    dict: "object",
    _NULL: "null",
}


class Columns:
    """The named columns of a signature with plain types. `direct`: the table can be made here."""

    def __init__(self, inputs: list) -> None:
        self.specs = {spec.name: spec for spec in inputs}
        self.direct = all(spec.type in _DIRECT for spec in inputs)
        self.index = pd.Index(list(self.specs))
        # The one type of all numbers, where there is one: then the table is made of one array.
        dtypes = {KINDS[spec.type].dtype for spec in inputs} if self.direct else set()
        one = dtypes.pop() if len(dtypes) == 1 else None
        self.dtype = one if one is not None and one.kind in "if" else None

    @classmethod
    def of(cls, schema) -> "Columns | None":
        """None where the signature is one of tensors, has no names, or is not there."""
        if schema is None or schema.is_tensor_spec() or not schema.has_input_names():
            return None
        return cls(schema.inputs) if all(isinstance(spec, ColSpec) for spec in schema.inputs) else None

    def check(self, values: dict) -> None:
        """`values` has a list for each column. Raises Problem, with the column, what it should be and what it is."""
        for name, spec in self.specs.items():
            if name in values:
                self._column_check(spec, values[name])
            elif spec.required:
                raise _problem(
                    spec, "nothing", f"The column {name} is missing: the model needs it.", "missing_column"
                )

    def table(self, values: dict) -> "pd.DataFrame | None":
        """The table that the model gets; None when only MLflow can make it. The values were checked."""
        if not self.direct or len(values.keys() & self.specs.keys()) < len(self.specs):
            return None
        if self.dtype is not None:
            try:
                array = np.array([values[name] for name in self.specs], dtype=self.dtype)
                return pd.DataFrame(array.T, columns=self.index, copy=False)
            except (OverflowError, ValueError, TypeError):
                pass  # one of the columns is named below
        made = {}
        for name, spec in self.specs.items():
            made[name] = _array(spec, values[name])
        return pd.DataFrame(made)

    def _column_check(self, spec: ColSpec, values: list) -> None:
        kind = KINDS.get(spec.type)
        if kind is None:
            return
        strange = set(map(type, values)) - kind.allowed
        if not spec.required:
            strange.discard(_NULL)
        if not strange or (strange == {float} and kind.allowed is _WHOLE and _are_whole(values)):
            return
        row = next(
            at for at, value in enumerate(values) if type(value) in strange and not _is_whole(kind, value)
        )
        found = _NAMES.get(type(values[row]), type(values[row]).__name__)
        why = f"The column {spec.name} must be {_name(spec)}, and row {row} has {_article(found)}."
        raise _problem(spec, found, why, row=row)


def _array(spec: ColSpec, values: list):
    dtype = KINDS[spec.type].dtype
    if dtype is None or (None in values and dtype.kind not in "f"):
        return values
    try:
        return np.array(values, dtype=dtype)
    except OverflowError:
        why = f"The column {spec.name} must be {_name(spec)}, and has a number beyond its range."
        raise _problem(spec, "out of range", why) from None


def _is_whole(kind: Kind, value) -> bool:
    return kind.allowed is _WHOLE and isinstance(value, float) and value.is_integer()


def _are_whole(values: list) -> bool:
    return all(value.is_integer() for value in values if isinstance(value, float))


def _name(spec: ColSpec) -> str:
    return spec.type.name


def _article(found: str) -> str:
    return f"an {found}" if found[0] in "ao" else f"a {found}"


def _problem(spec: ColSpec, found: str, why: str, code: str = "wrong_type", **extra) -> Problem:
    return Problem(400, code, why, column=spec.name, expected=_name(spec), found=found, **extra)
