"""Holds rules against a table, by pandera. Usage: check.py REQUEST REPORT; the request names folders and rules."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from tables import table_read

EXAMPLES, TEXT, BINS = 5, 100, 10
IS_TYPE = {
    "int": pd.api.types.is_integer_dtype, "float": pd.api.types.is_float_dtype, "bool": pd.api.types.is_bool_dtype,
    "number": pd.api.types.is_numeric_dtype, "datetime": pd.api.types.is_datetime64_any_dtype,
    "string": lambda values: values.dropna().map(lambda each: isinstance(each, str)).all(),
}  # fmt: skip
NAMED = ("type", "min", "max", "allowed", "pattern")
# What pandera calls the checks that are properties of a column or of the table.
BUILT_IN = {
    "column_in_dataframe": "present", "column_in_schema": "strict", "not_nullable": "nullable",
    "field_uniqueness": "unique", "multiple_fields_uniqueness": "unique_together",
}  # fmt: skip


def main():
    request, report = sys.argv[1:]
    asked = json.loads(Path(request).read_text())
    try:
        table = table_read(asked["data"])
        reference = table_read(asked["reference"]) if asked["reference"] else None
        found = {"rows": len(table), "results": results_of(table, asked["rules"], reference)}
    except Exception as error:
        found = {"problem": f"{type(error).__name__}: {str(error)[:800]}"}
    Path(report).write_text(json.dumps(found, allow_nan=False))


def results_of(table, rules, reference):
    wanted = wanted_of(rules)
    try:
        schema_of(rules).validate(table, lazy=True)
        failures = {}
    except pa.errors.SchemaErrors as error:
        failures = failures_of(error.failure_cases)
    results = []
    for column, rule, says in wanted:
        cases = failures.pop((column, rule), [])
        if column and column not in table.columns and not cases:
            is_needed = rules["columns"][column].get("required", True)
            results.append(entry(column, rule, says, not is_needed, 0, ["the column is missing"]))
        else:
            results.append(entry(column, rule, says, not cases, len(cases), cases[:EXAMPLES]))
    for (column, rule), cases in failures.items():  # nothing that failed is passed over
        results.append(entry(column, rule, "", False, len(cases), cases[:EXAMPLES]))
    results += rows_of(table, rules.get("rows", {}))
    if "drift" in rules and reference is not None:
        results += drifts_of(table, reference, rules["drift"])
    return results


def wanted_of(rules):
    wanted = []
    for name, rule in rules.get("columns", {}).items():
        if rule.get("required", True):
            wanted.append((name, "present", True))
        wanted += [(name, key, rule[key]) for key in NAMED if key in rule]
        if not rule.get("nullable", True):
            wanted.append((name, "nullable", False))
        if rule.get("unique", False):
            wanted.append((name, "unique", True))
    if rules.get("strict", False):
        wanted.append(("", "strict", True))
    if rules.get("unique_together"):
        wanted.append(("", "unique_together", rules["unique_together"]))
    return wanted


def schema_of(rules):
    columns = {name: column_of(rule) for name, rule in rules.get("columns", {}).items()}
    return pa.DataFrameSchema(
        columns, strict=rules.get("strict", False), unique=rules.get("unique_together") or None
    )


def column_of(rule):
    checks = []
    if "type" in rule:
        fits = IS_TYPE[rule["type"]]
        checks.append(pa.Check(lambda values: bool(fits(values)), name="type"))
    if "min" in rule:
        checks.append(pa.Check(lambda values: values >= rule["min"], name="min"))
    if "max" in rule:
        checks.append(pa.Check(lambda values: values <= rule["max"], name="max"))
    if "allowed" in rule:
        checks.append(pa.Check(lambda values: values.isin(rule["allowed"]), name="allowed"))
    if "pattern" in rule:
        checks.append(
            pa.Check(lambda values: values.astype(str).str.fullmatch(rule["pattern"]), name="pattern")
        )
    return pa.Column(
        checks=checks, nullable=rule.get("nullable", True), unique=rule.get("unique", False),
        required=rule.get("required", True),
    )  # fmt: skip


def failures_of(cases):
    found = {}
    for case in cases.to_dict("records"):
        check = str(case["check"])
        rule = BUILT_IN.get(check, check)
        rule = next((known for known in NAMED if rule.startswith(f"{known}(")), rule)
        column = str(case["failure_case"]) if rule == "present" else str(case["column"])
        key = ("", rule) if rule in ("strict", "unique_together") else (column, rule)
        found.setdefault(key, []).append(str(case["failure_case"])[:TEXT])
    return found


def rows_of(table, rows):
    low, high = rows.get("min"), rows.get("max")
    if low is None and high is None:
        return []
    fits = (low is None or len(table) >= low) and (high is None or len(table) <= high)
    return [entry("", "rows", rows, fits, 0 if fits else 1, [str(len(table))])]


def drifts_of(table, reference, drift):
    results = []
    for name in drift["columns"]:
        if name not in table.columns or name not in reference.columns:
            results.append(
                entry(name, "drift", drift["max_psi"], False, 1, ["the column is not in both versions"])
            )
            continue
        value = psi(reference[name], table[name])
        results.append(
            entry(name, "drift", drift["max_psi"], value <= drift["max_psi"], 0, [f"PSI {value:.4f}"])
        )
    return results


def psi(before, after):
    """The population stability index: over tenths of the reference for numbers, over values otherwise."""
    if pd.api.types.is_numeric_dtype(before) and before.nunique() > BINS:
        edges = np.unique(np.quantile(before.dropna(), np.linspace(0, 1, BINS + 1)))
        edges[0], edges[-1] = -np.inf, np.inf
        old, new = (np.histogram(values.dropna().astype(float), bins=edges)[0] for values in (before, after))
    else:
        old_counts, new_counts = (values.dropna().astype(str).value_counts() for values in (before, after))
        names = old_counts.index.union(new_counts.index)
        old, new = (counts.reindex(names, fill_value=0).to_numpy() for counts in (old_counts, new_counts))
    old, new = (np.maximum(counts / max(counts.sum(), 1), 1e-4) for counts in (old, new))
    return float(np.sum((new - old) * np.log(new / old)))


def entry(column, rule, says, passed, failures, examples):
    return {
        "column": column, "rule": rule, "wanted": says, "passed": bool(passed), "failures": failures,
        "examples": examples,
    }  # fmt: skip


if __name__ == "__main__":
    main()
