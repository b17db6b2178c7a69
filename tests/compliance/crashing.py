"""A child process that dies by SIGKILL right before its n-th statement, or around its commit."""

import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from portal.kernel import sql

SURVIVED, FAILED = 0, 3


class Countdown:
    """Counts what goes to the database; kills the process when the count is up."""

    def __init__(self, deadly: int) -> None:
        self.left = deadly

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Into the ORM, into our own statements, and around the commit."""
        connection.execute_wrappers.append(self._wrapped)
        wrapper_class: Any = BaseDatabaseWrapper
        original_cursor, original_commit = sql.cursor, wrapper_class._commit

        def cursor() -> psycopg.Cursor[tuple[Any, ...]]:
            self.step()
            return original_cursor()

        def commit(wrapper: BaseDatabaseWrapper) -> None:
            self.step()
            original_commit(wrapper)
            self.step()

        sql.cursor = cursor
        wrapper_class._commit = commit

    def _wrapped(self, execute: Any, statement: Any, params: Any, many: Any, context: Any) -> Any:
        self.step()
        return execute(statement, params, many, context)


def dies_at(deadly: int, work: Callable[[], object]) -> bool:
    """Do the work in a child that dies at its n-th step; whether it died. Nothing of it runs here."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        _child(deadly, work)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == SURVIVED, "the work itself failed in the child"
    return False


def _child(deadly: int, work: Callable[[], object]) -> None:
    try:
        Countdown(deadly).install()
        work()
        os._exit(SURVIVED)
    except BaseException:
        os._exit(FAILED)
