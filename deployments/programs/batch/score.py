"""Scores tables with one model, part by part: `python score.py ORDER REPORT`.

The order is JSON:

`model`, `manifest`, `digest`   the folder of the model and exactly the files in it, as for the server of predictions
`inputs`       paths of the tables, in order
`outputs`      folder for `part-00000.parquet` and so on; a part is there when it is whole
`done`         so many parts are there already
`rows_per_part`, `keep`, `prediction`   see `batch_scoring.tables` and `batch_scoring.answers`
`progress`     file that gets a line of JSON, `{part, rows}`, for each part that was made

Every file of the model is hashed before anything of it is imported. Ends with 0, or 2 for what the report tells.
"""

import json
import os
import sys
import traceback
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "server")]

from batch_scoring.problems import Problem  # noqa: E402
from model_server.files import files_check  # noqa: E402
from model_server.order import Order, Refused  # noqa: E402

REFUSED, PARTS_AT_MOST = 2, 1000


def main():
    sys.dont_write_bytecode = True  # the model's folder is what was approved, and stays as it is
    order_path, report = map(Path, sys.argv[1:])
    order = json.loads(order_path.read_text())
    try:
        _files(order)
        found = _scored(order)
    except Problem as no:
        found = {"problem": no.facts()}
    report.write_text(json.dumps(found))
    return REFUSED if "problem" in found else 0


def _files(order):
    try:
        files_check(
            Order(model=Path(order["model"]), manifest=order["manifest"], digest=order["digest"], key="")
        )
    except Refused as no:
        raise Problem("other_files", str(no)) from None


def _scored(order):
    import pyarrow.parquet as pq
    from batch_scoring.tables import Reader, parts

    model, specs = _model(order["model"])
    _names_check(order["keep"], order["prediction"])
    outputs, rows, number, schema = Path(order["outputs"]), 0, 0, None
    if order["done"]:
        schema = pq.read_schema(outputs / "part-00000.parquet")
    reader = Reader(specs, order["keep"])
    for number, pair in enumerate(parts(order["inputs"], reader, order["rows_per_part"]), start=1):
        rows += pair[1].num_rows
        if number > PARTS_AT_MOST:
            raise Problem(
                "too_many_parts", f"The data has more than {PARTS_AT_MOST} parts. Ask for larger ones."
            )
        if number > order["done"]:
            table = _part(model, pair, order, rows)
            table, schema = _like(table, schema)
            _write(table, outputs / f"part-{number - 1:05d}.parquet", pq)
            with open(order["progress"], "a", encoding="utf-8") as file:
                file.write(json.dumps({"part": number - 1, "rows": table.num_rows}) + "\n")
    if not number:
        raise Problem("no_rows", "The data has no rows.")
    return {"rows": rows, "parts": number}


def _model(folder):
    import mlflow.pyfunc
    from mlflow.types.schema import ColSpec, DataType

    try:
        model = mlflow.pyfunc.load_model(folder)
    except Exception as error:
        traceback.print_exc()
        raise Problem("bad_model", f"The model cannot be loaded: {type(error).__name__}: {error}") from error
    schema = model.metadata.get_input_schema()
    specs = schema.inputs if schema is not None and not schema.is_tensor_spec() else []
    if not specs or not all(
        isinstance(each, ColSpec) and each.name and isinstance(each.type, DataType) for each in specs
    ):
        raise Problem(
            "no_signature", "The model has no signature with named columns of plain types, so nobody knows which "
            "columns of the data it needs. Log it with a signature.",
        )  # fmt: skip
    return model, specs


def _names_check(keep, prediction):
    taken = [name for name in keep if name == prediction or name.startswith(f"{prediction}_")]
    if taken:
        raise Problem(
            "column_twice",
            f"The column {taken[0]} is kept and is the name of an answer. Name the prediction otherwise.",
        )


def _part(model, pair, order, end):
    from batch_scoring.answers import answers_table

    features, kept = pair
    try:
        found = model.predict(features.to_pandas())
    except Exception as error:
        traceback.print_exc()
        rows = f"rows {end - kept.num_rows + 1} to {end}"
        why = f"The model failed on {rows}: {type(error).__name__}: {str(error)[:500]}"
        raise Problem("model_failed", why) from error
    table = kept.drop_columns([""])
    for name, values in zip(*_pairs(answers_table(found, kept.num_rows, order["prediction"])), strict=True):
        table = table.append_column(name, values)
    return table


def _pairs(table):
    return table.column_names, table.columns


def _like(table, schema):
    """The part with the columns and types of the first one."""
    import pyarrow as pa

    if schema is None:
        return table, table.schema
    try:
        return table.select(schema.names).cast(schema), schema
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError, KeyError) as error:
        why = f"The model answers with other columns or types than for the first rows: {str(error)[:500]}"
        raise Problem("bad_answer", why) from error


def _write(table, path, pq):
    half = path.with_suffix(".half")
    pq.write_table(table, half)
    os.replace(half, path)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads of the model, and what it registered for the end, hold nobody up
