"""Metric points: packed chunks for the history, one narrow row per key for finding and ordering runs.

Both tables have no foreign key in the database: they are only written by the statement that holds the run's
row, and checking it again for each of 1,000 rows took a third of the time of a batch.
"""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func

from experiments.models.run import Run

POINTS_PER_CHUNK = 256
LOOSE_BELOW = POINTS_PER_CHUNK // 2


class MetricChunk(models.Model):
    """Up to 256 points of one key of one run.

    The three arrays have `points` entries each: int64 steps, int64 milliseconds, float64 values. A chunk
    stays inside one page, uncompressed, so that one point of it can be read by its subscript.
    `is_sorted` says that inside the chunk steps rise strictly and timestamps do not fall. Where all chunks of
    a key are sorted and do not overlap, their points need neither sorting nor a search for duplicates.

    `summary` is what a chart needs of a chunk that is narrower than one of its pixels: lowest and highest value,
    sum, how many values that sums, first and last value, earliest and latest timestamp. NaN and infinity are left out.
    PostgreSQL computes it, and the index carries it, so that a coarse chart never reads the points.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    key = models.CharField(max_length=250)
    first_step = models.BigIntegerField()
    last_step = models.BigIntegerField()
    points = models.SmallIntegerField()
    is_sorted = models.BooleanField()
    steps = ArrayField(models.BigIntegerField())
    timestamps = ArrayField(models.BigIntegerField())
    values = ArrayField(models.FloatField())
    summary = models.GeneratedField(
        expression=Func(F("values"), F("timestamps"), function="metric_summary"),
        output_field=ArrayField(models.FloatField(null=True)),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["run", "key", "first_step", "id"],
                include=["last_step", "points", "summary"],
                name="metric_chunk_find",
            )
        ]

    def __str__(self) -> str:
        return f"{self.points} points of {self.key}"


class LatestMetric(models.Model):
    """The last value of a key: highest step, then latest timestamp, then largest value (MLflow's rule).

    `value` is 0 where `is_nan`. `loose` counts the chunks of less than LOOSE_BELOW points
    that were written since the last merge.
    """

    pk = models.CompositePrimaryKey("run_id", "key")
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="latest_metrics", db_index=False, db_constraint=False
    )
    experiment_id = models.BigIntegerField()
    key = models.CharField(max_length=250)
    value = models.FloatField()
    is_nan = models.BooleanField(default=False)
    step = models.BigIntegerField()
    timestamp = models.BigIntegerField()
    loose = models.SmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["experiment_id", "key", "value", "run"], name="latest_metric_find"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
