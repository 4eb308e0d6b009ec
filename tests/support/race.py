"""Two people at once: calls that start together, each in a context and a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from threading import Barrier
from typing import Any

from flask import Flask

from app.extensions import db
from app.services.refusals import Refusal

PATIENCE = 300.0
"""Seconds to wait for one another: fifty threads start slowly where others are at work."""


def race(app: Flask, *calls: Callable[[], Any]) -> list[Any]:
    """What each call gave back: its value, or the refusal that it met."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        with app.app_context():
            try:
                barrier.wait(PATIENCE)
                return call()
            except Refusal as refusal:
                return refusal
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(len(calls)) as pool:
        begun = [pool.submit(Context().run, run, call) for call in calls]
        return [one.result(PATIENCE) for one in begun]
