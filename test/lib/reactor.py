"""One background thread that runs all gateways and callers of a scenario.

The story itself runs in the main thread and only asks and waits.
"""
import asyncio
import threading
import traceback


class Reactor:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.errors = []
        self.loop.set_exception_handler(self._note)
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def _note(self, _loop, context):
        error = context.get("exception")
        text = context.get("message", "")
        if error is not None:
            text += "\n" + "".join(traceback.format_exception(error))
        self.errors.append(text)

    def call(self, function, *args):
        """Runs function in the reactor's thread and returns what it returned."""
        if threading.current_thread() is self._thread:
            return function(*args)

        async def body():
            return function(*args)
        return asyncio.run_coroutine_threadsafe(body(), self.loop).result(30)

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def later(self, delay, function, *args):
        """From the reactor's thread only. Returns a handle with cancel()."""
        return self.loop.call_later(delay, function, *args)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
