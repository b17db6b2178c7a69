"""The four JSON forms of MLflow, as a list of values for each column."""

from model_server.problems import Problem

FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


def values_of(form: str, data) -> "dict | None":
    """The values by column, each column as long as the others; None where MLflow has to look. Raises Problem."""
    if form == "dataframe_split":
        return _split(data)
    if form == "dataframe_records" or (form == "instances" and _is_records(data)):
        return _records(data, form)
    if form == "inputs" and isinstance(data, dict) and all(isinstance(each, list) for each in data.values()):
        return _even(data)
    if form == "inputs" and _is_records(data):
        return _records(data, form)
    return None


def _split(data) -> "dict | None":
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        raise Problem(400, "bad_form", "dataframe_split must be an object with the lists columns and data.")
    columns, rows = data.get("columns"), data["data"]
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        return None
    if len(set(columns)) < len(columns):
        raise Problem(400, "bad_form", "dataframe_split names a column twice.")
    wanted = len(columns)
    for at, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != wanted:
            has = f"{len(row)} values" if isinstance(row, list) else "no list"
            raise Problem(
                400, "bad_form", f"Row {at} of dataframe_split has {has} for {wanted} columns.", row=at
            )
    return {name: [row[at] for row in rows] for at, name in enumerate(columns)}


def _records(data, form: str) -> dict:
    if not _is_records(data):
        raise Problem(400, "bad_form", f"{form} must be a list of objects.")
    names = dict.fromkeys(name for row in data for name in row)
    return {name: [row.get(name) for row in data] for name in names}


def _even(data: dict) -> "dict | None":
    lengths = {len(each) for each in data.values()}
    if len(lengths) > 1:
        raise Problem(400, "bad_form", "The columns of inputs are not of one length.")
    return data


def _is_records(data) -> bool:
    return isinstance(data, list) and all(isinstance(row, dict) for row in data)
