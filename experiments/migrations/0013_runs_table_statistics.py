"""What PostgreSQL knows of params and tags: which values are frequent under which key, and that nearly all are short.

Without, it takes the frequency of a value over all keys for that under each of them, and a third of the values for short
ones; it then looks up tens of thousands of runs one by one.
"""

from django.db import migrations

_TABLES = (("param", "experiments_param"), ("run_tag", "experiments_runtag"))
_CREATE = tuple(
    statement
    for name, table in _TABLES
    for statement in (
        f"CREATE STATISTICS {name}_values (mcv) ON experiment_id, key, value FROM {table}",
        f"CREATE STATISTICS {name}_lengths ON length(value) FROM {table}",
        f"ANALYZE {table}",
    )
)
_DROP = tuple(f"DROP STATISTICS {name}_{kind}" for name, _ in _TABLES for kind in ("values", "lengths"))


class Migration(migrations.Migration):
    dependencies = [("experiments", "0012_runs_table_orders")]

    operations = [migrations.RunSQL(_CREATE, _DROP)]
