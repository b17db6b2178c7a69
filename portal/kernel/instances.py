"""Rows as instances of their model by a prepared statement, where making a query costs more than running it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

from portal.kernel import sql

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Plan:
    """How to read a model: its SELECT, its attributes in that order, and the few columns that need converting."""

    columns: str
    select: str
    names: tuple[str, ...]
    converters: tuple[tuple[int, Callable[..., Any], Any], ...]


def instances(model: type[M], condition: str, params: Sequence[Any]) -> list[M]:
    """The rows that fulfil `condition`, which is SQL of ours with a placeholder for every value from outside."""
    plan = _plan(model)
    found = sql.rows(f"{plan.select} WHERE {condition}", params)
    return [model.from_db("default", plan.names, _converted(plan, row)) for row in found]


def columns_of(model: type[models.Model]) -> str:
    """The columns of a model, in the order in which `instance_of` takes them."""
    return _plan(model).columns


def instance_of(model: type[M], row: tuple[Any, ...]) -> M:
    """A row of another statement, such as what an UPDATE returned."""
    plan = _plan(model)
    return model.from_db("default", plan.names, _converted(plan, row))


def _converted(plan: Plan, row: tuple[Any, ...]) -> Sequence[Any]:
    if not plan.converters:
        return row
    values = list(row)
    for index, convert, column in plan.converters:
        values[index] = convert(values[index], column, connection)
    return values


@cache
def _plan(model: type[models.Model]) -> Plan:
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return Plan(
        columns=columns,
        select=f'SELECT {columns} FROM "{model._meta.db_table}"',  # noqa: S608 - names from the model
        names=tuple(field.attname for field in fields),
        converters=tuple(
            (index, convert, field.cached_col)
            for index, field in enumerate(fields)
            for convert in field.get_db_converters(connection)
        ),
    )
