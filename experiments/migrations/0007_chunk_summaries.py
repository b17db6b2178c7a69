"""What a coarse chart needs of a chunk, computed by PostgreSQL and carried by the index.

Adding the column writes the table anew, and the index is built while the table is locked: on a large installation
this migration runs while nobody logs.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

from portal.kernel.migrations import Together

# Sums leave out what is so large that a sum of many would overflow. A chunk of one point, which is what a script that
# logs step by step writes, costs no aggregation.
FUNCTIONS = """
SET LOCAL statement_timeout = 0;
CREATE FUNCTION metric_summary_of_many(v float8[], t bigint[]) RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT ARRAY[
        min(x), max(x), coalesce(sum(x) FILTER (WHERE abs(x) < 1e290), 0), count(*) FILTER (WHERE abs(x) < 1e290),
        CASE WHEN abs(v[1]) < 1.7976931348623157e308 THEN v[1] END,
        CASE WHEN abs(v[array_length(v, 1)]) < 1.7976931348623157e308 THEN v[array_length(v, 1)] END,
        (SELECT min(at) FROM unnest(t) AS each(at)), (SELECT max(at) FROM unnest(t) AS each(at))]
    FROM unnest(v) AS each(x) WHERE abs(x) < 1.7976931348623157e308
);
CREATE FUNCTION metric_summary(v float8[], t bigint[]) RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE WHEN array_length(v, 1) = 1 AND abs(v[1]) < 1e290
         THEN ARRAY[v[1], v[1], v[1], 1, v[1], v[1], t[1], t[1]]
         ELSE metric_summary_of_many(v, t) END;
"""
DROP = "DROP FUNCTION metric_summary(float8[], bigint[]); DROP FUNCTION metric_summary_of_many(float8[], bigint[])"


class Migration(migrations.Migration):
    dependencies = [("experiments", "0006_dataset_versions")]
    operations = [
        migrations.RunSQL(FUNCTIONS, DROP),
        Together(
            [
                migrations.AddField(
                    model_name="metricchunk",
                    name="summary",
                    field=models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("values"), models.F("timestamps"), function="metric_summary"
                        ),
                        output_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.FloatField(null=True), size=None
                        ),
                    ),
                ),
                migrations.RemoveIndex(model_name="metricchunk", name="metric_chunk_by_key"),
                migrations.AddIndex(
                    model_name="metricchunk",
                    index=models.Index(
                        fields=["run", "key", "first_step", "id"],
                        include=["last_step", "points", "summary"],
                        name="metric_chunk_find",
                    ),
                ),
            ]
        ),
    ]
