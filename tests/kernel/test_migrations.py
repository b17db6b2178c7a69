"""Operations that are carried out as one do what they do one by one."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from portal.kernel.migrations import Together

SHELF = migrations.CreateModel(
    "Shelf", [("id", models.AutoField(primary_key=True)), ("width", models.IntegerField())]
)
BOOK = migrations.CreateModel(
    "Book",
    [
        ("id", models.AutoField(primary_key=True)),
        ("pages", models.IntegerField()),
        ("shelf", models.ForeignKey("library.Shelf", models.PROTECT)),
    ],
    {"constraints": [models.CheckConstraint(condition=models.Q(pages__gt=0), name="book_has_pages")]},
)
HEIGHT = migrations.AddField("shelf", "height", models.IntegerField(default=2))
BY_WIDTH = migrations.AddIndex("shelf", models.Index(fields=["width"], name="shelf_by_width"))
WIDE = migrations.AddConstraint(
    "shelf", models.CheckConstraint(condition=models.Q(height__gt=0), name="shelf_is_high")
)


def carry_out(state, operations):
    """What the executor of Django does with a migration; the state before."""
    before = state.clone()
    with connection.schema_editor(atomic=True) as editor:
        migration = migrations.Migration("0001", "library")
        migration.operations = operations
        migration.apply(state, editor)
    return before


def described():
    """Tables, columns, indexes and constraints of the library."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name LIKE 'library%'
            UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'library%'
            UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
                WHERE conrelid::regclass::text LIKE 'library%'
        """)
        return sorted(cursor.fetchall())


@pytest.fixture
def shelves(db):
    state = ProjectState()
    carry_out(state, [SHELF])
    return state


def test_tables_are_the_same(shelves):
    changes, as_before = [BOOK, HEIGHT, BY_WIDTH, WIDE], described()
    one_by_one = shelves.clone()
    carry_out(one_by_one, changes)
    expected = described()
    with connection.schema_editor(atomic=True) as editor:
        for table in ("library_book", "library_shelf"):
            editor.execute(f"DROP TABLE {table}")
    together = ProjectState()
    carry_out(together, [SHELF])
    assert described() == as_before

    carry_out(together, [Together(changes)])

    assert described() == expected
    assert together.models == one_by_one.models


def test_way_back(shelves):
    before = described()
    group = Together([BOOK, HEIGHT, BY_WIDTH, WIDE])
    state_before = carry_out(shelves, [group])
    assert described() != before

    with connection.schema_editor(atomic=True) as editor:
        group.database_backwards("library", editor, shelves, state_before)

    assert described() == before


def test_classes_are_made_once(shelves):
    assert shelves.apps.get_model("library", "shelf")
    Together([HEIGHT, BOOK]).state_forwards("library", shelves)
    assert "apps" not in shelves.__dict__
    assert shelves.apps.get_model("library", "book")._meta.get_field(
        "shelf"
    ).related_model is shelves.apps.get_model("library", "shelf")


def test_changes_beside_the_making_are_refused():
    with pytest.raises(ValueError, match="makes and changes shelf"):
        Together([SHELF, BY_WIDTH])
