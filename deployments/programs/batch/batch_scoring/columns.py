"""The columns of a table as a signature wants them: checked by type where a type says it, else value by value.

The rules are those of the server of predictions: text is no number, and a number with a fraction is no whole one.
"""

import pyarrow as pa
import pyarrow.compute as pc

from batch_scoring.problems import Problem

TYPES = {
    "boolean": pa.bool_(), "integer": pa.int32(), "long": pa.int64(), "float": pa.float32(), "double": pa.float64(),
    "string": pa.string(), "datetime": pa.timestamp("ns"), "binary": pa.binary(),
}  # fmt: skip
_NULLABLE = {"float", "double", "string", "datetime", "binary"}
_SHOWN = 60


def missing_check(specs, names, path):
    for spec in specs:
        if spec.required and spec.name not in names:
            raise Problem(
                "missing_column", f"The column {spec.name} is missing in {path}: the model needs it as "
                f"{spec.type.name}.", column=spec.name, expected=spec.type.name, found="nothing", file=path,
            )  # fmt: skip


def column_cast(spec, values, path, begin):
    """The values of one column in the type of the signature. `begin` is the number of rows before these in the file."""
    expected = spec.type.name
    if values.null_count and spec.required and expected not in _NULLABLE:
        row = pc.index(pc.is_null(values), True).as_py()
        raise _problem(spec, "nothing", f"row {begin + row + 1} of {path} has none", begin + row + 1, path)
    wanted = TYPES.get(expected)
    if wanted is None or pa.types.is_null(values.type):
        return values if wanted is None else values.cast(wanted)
    if not _fits(expected, values.type):
        raise _problem(spec, str(values.type), f"{path} has {values.type}", None, path)
    try:
        return values.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        row = _first_bad(values, wanted)
        shown = str(values[row].as_py())[:_SHOWN]
        raise _problem(
            spec, shown, f"row {begin + row + 1} of {path} has {shown!r}", begin + row + 1, path
        ) from None


def text_cast(spec, values, path, begin):
    """The same of a column of a text file."""
    expected = spec.type.name
    if expected in ("string", "binary"):
        return column_cast(spec, values, path, begin)
    trimmed, row = pc.utf8_trim_whitespace(values), 0
    for wanted in _readings(expected):
        try:
            return column_cast(spec, trimmed.cast(wanted), path, begin)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            row = _first_bad(trimmed, wanted)
        except Problem as no:
            row = no.extra["row"] - begin - 1
    if not values[row].is_valid:
        raise _problem(spec, "nothing", f"row {begin + row + 1} of {path} has none", begin + row + 1, path)
    shown = str(values[row].as_py())[:_SHOWN]
    raise _problem(spec, "string", f"row {begin + row + 1} of {path} has {shown!r}", begin + row + 1, path)


def _readings(expected):
    """How text of a column may be read: a whole number may be written as 3.0, and is then checked to be whole."""
    wanted = TYPES.get(expected, pa.string())
    return (wanted, pa.float64()) if expected in ("integer", "long") else (wanted,)


def _fits(expected, found):
    if expected == "boolean":
        return pa.types.is_boolean(found)
    if expected in ("integer", "long", "float", "double"):
        return pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found)
    if expected == "string":
        return _is_text(found) or (pa.types.is_dictionary(found) and _is_text(found.value_type))
    if expected == "datetime":
        return pa.types.is_timestamp(found) or pa.types.is_date(found) or _is_text(found)
    return pa.types.is_binary(found) or pa.types.is_large_binary(found)


def _is_text(found):
    return pa.types.is_string(found) or pa.types.is_large_string(found)


def _first_bad(values, wanted):
    """The place of the first value that cannot be cast, by halving."""
    low, high = 0, len(values)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            values.slice(low, middle - low).cast(wanted)
            low = middle
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            high = middle
    return low


def _problem(spec, found, has, row, path):
    expected = spec.type.name
    return Problem(
        "wrong_type", f"The column {spec.name} must be {expected}, and {has}.", column=spec.name, expected=expected,
        found=found, row=row, file=path,
    )  # fmt: skip
