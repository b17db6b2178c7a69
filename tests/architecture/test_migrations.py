"""The first migration of a database is short."""

from django.apps import apps
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

from portal.kernel.migrations import Together

FEW = 4


def test_operations_of_a_migration_are_together():
    """Each that stands alone has Django make the classes of nearly all models anew."""
    ours = {app.label for app in apps.get_app_configs() if "site-packages" not in app.path}
    alone = {
        f"{app}.{name}": sum(not isinstance(each, RunSQL | Together) for each in migration.operations)
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in ours
    }
    assert len(alone) > 50
    too_many = {name: count for name, count in alone.items() if count > FEW}
    assert too_many == {}, "Put them into their CreateModel, and into one portal.kernel.migrations.Together"
