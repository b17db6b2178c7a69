"""Indexes by which the runs table sorts, counts and finds; why they are these, ADR 18 says.

The index of params and tags by value holds short values whole, so that counting needs no look at the rows, and ends
in the run, so that a page of a sorted table is one stretch of it. Longer values are found by their start.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

FUNCTIONS = r"""
CREATE FUNCTION experiments_number(value text) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value ~ '^[-+]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})([eE][-+]?\d{1,2})?$' THEN value::float8 END
$$;
CREATE FUNCTION experiments_words(value text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', regexp_replace(lower(left(value, 20000)), '[^[:alnum:]]+', ' ', 'g'))
$$;
CREATE STATISTICS experiments_param_length ON (length(value)) FROM experiments_param;
CREATE STATISTICS experiments_runtag_length ON (length(value)) FROM experiments_runtag;
"""
DROP = """
DROP STATISTICS experiments_runtag_length;
DROP STATISTICS experiments_param_length;
DROP FUNCTION experiments_words(text);
DROP FUNCTION experiments_number(text);
"""
_SHORT = "(experiment_id, key, value, run_id) WHERE length(value) <= 200"
_LONG = '(experiment_id, key, "left"(value, 200)) WHERE length(value) > 200'
_INDEXES = (
    ("param_value", f"experiments_param {_SHORT}"),
    ("param_long", f"experiments_param {_LONG}"),
    ("param_number", "experiments_param (experiment_id, key, experiments_number(value), run_id) "
                     "WHERE experiments_number(value) IS NOT NULL"),
    ("run_tag_value", f"experiments_runtag {_SHORT}"),
    ("run_tag_long", f"experiments_runtag {_LONG}"),
    ("run_tag_words", "experiments_runtag USING gin (experiments_words(value)) "
                      "WHERE key NOT LIKE 'mlflow.%' OR key = 'mlflow.note.content'"),
    ("run_words", "experiments_run USING gin (experiments_words(name))"),
)  # fmt: skip


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("experiments", "0008_runs_table")]
    operations = [
        # Building takes longer than any request may, on large tables.
        migrations.RunSQL("SET statement_timeout = 0", "SET statement_timeout = 0"),
        migrations.RunSQL(FUNCTIONS, DROP),
        *[
            migrations.RunSQL(
                f"CREATE INDEX CONCURRENTLY {name} ON {rest}",
                f"DROP INDEX CONCURRENTLY {name}",
            )
            for name, rest in _INDEXES
        ],
        AddIndexConcurrently(
            "run",
            models.Index(
                fields=["experiment", "lifecycle_stage", "status", "user_name", "created_by", "id"],
                name="run_by_state",
            ),
        ),
        AddIndexConcurrently("run", models.Index(fields=["experiment", "name", "id"], name="run_by_name")),
        RemoveIndexConcurrently("param", "param_find"),
        RemoveIndexConcurrently("runtag", "run_tag_find"),
        migrations.RunSQL("RESET statement_timeout", "RESET statement_timeout"),
    ]
