"""Waiting for conditions: every limit is generous, every failure says for what."""
import time


class Timeout(AssertionError):
    pass


def wait_until(condition, what, limit=15.0, step=0.02):
    """Waits until condition() is true and returns its value."""
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Timeout(f"after {limit:g} s still not: {what}")
        time.sleep(step)
