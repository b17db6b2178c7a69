"""Long values of params and tags by their start end in the run, too, as every order of the runs table does (ADR 18).

Configurations that are logged as one param begin alike: sorting by it sorted all of them for each page.
"""

from django.db import migrations

_NEW, _OLD = '(experiment_id, key, "left"(value, 200), run_id)', '(experiment_id, key, "left"(value, 200))'
_LONG = "length(value) > 200"


def _swap(table: str, made: str, kept: str, dropped: str, was: str) -> migrations.RunSQL:
    """Statements of their own, as an index is made and dropped beside writers outside a transaction."""
    return migrations.RunSQL(
        [
            f"CREATE INDEX CONCURRENTLY {made} ON {table} {kept} WHERE {_LONG}",
            f"DROP INDEX CONCURRENTLY {dropped}",
        ],
        [
            f"CREATE INDEX CONCURRENTLY {dropped} ON {table} {was} WHERE {_LONG}",
            f"DROP INDEX CONCURRENTLY {made}",
        ],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("experiments", "0014_numbers_sooner")]
    operations = [
        # Building takes longer than any request may, on large tables.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        _swap("experiments_param", "param_long_value", _NEW, "param_long", _OLD),
        _swap("experiments_runtag", "run_tag_long_value", _NEW, "run_tag_long", _OLD),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
