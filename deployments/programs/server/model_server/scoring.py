"""MLflow's scoring protocol: what comes in by a short way where the signature allows, else by MLflow's own parser.

The short way knows named columns of plain types in any of the four JSON forms; it checks and builds the table once,
where MLflow casts, copies and checks again. What it answers is the same; tests compare the two.
"""

import inspect
import json
import re
import sys
import time
import traceback
from io import StringIO

import numpy as np
import orjson
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server as stock

from model_server.columns import Columns
from model_server.problems import Problem
from model_server.rows import FORMS, values_of
from model_server.timing import note
from model_server.turns import Batches, Turns

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
_COLUMN = re.compile(r"column (.+?) to type '(.+?)'")


class Scorer:
    """One model, and how it is asked: by `threads` at once, and for `batch_rows` of requests that wait together."""

    def __init__(self, model, threads: int = 1, batch_rows: int = 1) -> None:
        self.model, metadata, self.turns = model, model.metadata, Turns(threads)
        self.input_schema = metadata.get_input_schema()
        self.output_schema = metadata.get_output_schema()
        is_typed = _flag(metadata, "_is_signature_from_type_hint") or _flag(
            metadata, "_is_type_hint_from_example"
        )
        self.columns = None if is_typed else Columns.of(self.input_schema)
        self._direct = None
        if self.columns is not None and metadata.get_params_schema() is None:
            self._direct = _direct_call(model)
        self._asked = self._together(model.predict, batch_rows)
        if self._direct is not None:
            self._direct = self._together(self._direct, batch_rows)

    def _together(self, call, batch_rows: int):
        return Batches(call, self.turns, batch_rows) if batch_rows > 1 else self._alone(call)

    def _alone(self, call):
        def taken_in_turn(*data, **more):
            asked = time.monotonic()
            with self.turns:
                began = time.monotonic()
                try:
                    return call(*data, **more)
                finally:
                    note(asked, began, time.monotonic())

        return taken_in_turn

    def answer(self, body: bytes, content_type: str) -> bytes:
        """The JSON that MLflow's server would answer with. Raises Problem."""
        kind = _kind_of(content_type)
        if kind != JSON:
            return self._by_stock(body, kind)
        said = json_read(body)
        form = _form_of(said)
        if self.columns is None or form is None:
            return self._by_stock_json(said)
        values = values_of(form, said[form])
        if values is None:
            return self._by_stock_json(said)
        self.columns.check(values)
        table = self.columns.table(values) if self._direct and not said.get("params") else None
        if table is None or (form == "dataframe_split" and "index" in said[form]):
            return self._by_stock_json(said, checked=True)
        return plain_json(self.predicted(lambda: self._direct(table), checked=True))

    def predict(self, data, params=None, checked: bool = False):
        """What the model says of data that is no JSON any more. Raises Problem."""
        if params:
            return self.predicted(lambda: self._alone(self.model.predict)(data, params=params), checked)
        call = self._asked if isinstance(data, pd.DataFrame) else self._alone(self.model.predict)
        return self.predicted(lambda: call(data), checked)

    def predicted(self, call, checked: bool):
        """Call the model. What fails after the input was checked is the model's fault, and else the caller's."""
        try:
            return call()
        except MlflowException as error:
            raise _schema_problem(error) from error
        except Exception as error:
            traceback.print_exception(type(error), error, error.__traceback__, limit=-8, file=sys.stderr)
            why = f"The model failed on this input: {type(error).__name__}. Its log has more."
            if checked:
                raise Problem(500, "model_failed", why, error_code="INTERNAL_ERROR") from error
            raise Problem(400, "model_failed", why) from error

    def _by_stock_json(self, said: dict, checked: bool = False) -> bytes:
        parsed = _stock(lambda: stock._parse_json_data(said, self.model.metadata, self.input_schema))
        found = self.predict(parsed.data, parsed.params, checked)
        if parsed.is_unified_llm_input:
            written = StringIO()
            stock.unwrapped_predictions_to_json(found, written)
            return written.getvalue().encode()
        return plain_json(found)

    def _by_stock(self, body: bytes, kind: str) -> bytes:
        def parsed():
            if kind == CSV:
                return stock.parse_csv_input(StringIO(body.decode()), schema=self.input_schema)
            return stock.parse_parquet_input(stock.BytesIO(body))

        return plain_json(self.predict(_stock(parsed)))


def json_read(body: bytes) -> dict:
    """An object. Raises Problem."""
    try:
        said = orjson.loads(body)
    except ValueError:
        try:
            said = json.loads(body)  # NaN, and numbers beyond 64 bits
        except (ValueError, RecursionError) as error:
            raise Problem(400, "bad_json", f"The body is not JSON: {error}") from None
    if not isinstance(said, dict):
        raise Problem(400, "bad_form", f"The body must be an object with one of {', '.join(FORMS)}.")
    return said


def plain_json(found) -> bytes:
    """`{"predictions": …}` as MLflow writes it; arrays of plain, finite numbers by a shorter way."""
    if isinstance(found, np.ndarray) and (
        found.dtype.kind in "biu" or (found.dtype.kind == "f" and np.isfinite(found).all())
    ):
        return orjson.dumps({"predictions": found.tolist()})
    written = StringIO()
    try:
        stock.predictions_to_json(found, written)
    except (TypeError, ValueError) as error:
        why = f"What the model answered cannot be written as JSON: {error}"
        raise Problem(500, "bad_answer", why, error_code="INTERNAL_ERROR") from error
    return written.getvalue().encode()


def _form_of(said: dict) -> "str | None":
    forms = [form for form in FORMS if form in said]
    return forms[0] if len(forms) == 1 else None


def _kind_of(content_type: str) -> str:
    kind, *parameters = [part.strip().lower() for part in content_type.split(";")]
    if kind not in (JSON, CSV, PARQUET):
        why = f"The content type must be one of {JSON}, {CSV} and {PARQUET}, not {kind or 'nothing'}."
        raise Problem(415, "unsupported_media_type", why)
    if any(parameter and parameter != "charset=utf-8" for parameter in parameters):
        raise Problem(
            415, "unsupported_media_type", "The only parameter of the content type is charset=utf-8."
        )
    return kind


def _stock(call):
    try:
        return call()
    except MlflowException as error:
        raise _schema_problem(error) from error
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise Problem(400, "invalid_input", f"The input cannot be read: {error}") from error


def _schema_problem(error: MlflowException) -> Problem:
    column, extra = _COLUMN.search(error.message), {}
    if column:
        extra = {"column": column[1], "expected": column[2], "found": "another type"}
    return Problem(400, "invalid_input", error.message[:2000], error_code=error.error_code, **extra)


def _flag(metadata, name: str) -> bool:
    return bool(getattr(metadata, name, bool)())


def _direct_call(model):
    """The model's own function, past the checks that were made already; None where MLflow does more than check."""
    if (model.metadata.metadata or {}).get("dependencies_schemas"):
        return None
    named = model.metadata.flavors["python_function"].get("predict_fn", "predict")
    call = getattr(model._model_impl, named, None) or getattr(model._model_impl, "predict", None)
    return call if call is not None and "params" in inspect.signature(call).parameters else None
