"""Long values of params and tags by their start end in the run, too, as every order of the runs table does (ADR 18).

Configurations that are logged as one param begin alike: sorting by it sorted all of them for each page.
"""

from django.db import migrations

_NEW, _OLD = '(experiment_id, key, "left"(value, 200), run_id)', '(experiment_id, key, "left"(value, 200))'
_LONG = "length(value) > 200"


def _swap(table: str, old: str, new: str) -> migrations.RunSQL:
    return migrations.RunSQL(_made(table, new, _NEW, old), _made(table, old, _OLD, new))


def _made(table: str, name: str, columns: str, other: str) -> tuple[str, ...]:
    """Beside writers, so outside a transaction: what an interrupted attempt left is no index, and goes first."""
    return (
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        f"CREATE INDEX CONCURRENTLY {name} ON {table} {columns} WHERE {_LONG}",
        f"DROP INDEX CONCURRENTLY IF EXISTS {other}",
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("experiments", "0014_numbers_sooner")]
    operations = [
        # Building takes longer than any request may, on large tables.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        _swap("experiments_param", "param_long", "param_long_value"),
        _swap("experiments_runtag", "run_tag_long", "run_tag_long_value"),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
