#!/usr/bin/python3
"""A live demonstration: a Kamailio with failover_route, three gateways in two
tiers, a caller; the primary is killed and brought back.

    main.py MODULE.so KAMAILIO MODULE_FOLDER      KEEP=1: stay until Ctrl-C

Exit status: 0 when no call was lost; 1 when one was, or something failed to
start or ended; 130 when it was interrupted.
"""
import os
import signal
import sys
import time

from cdr import Cdrs
from lab import Failed, Lab
from rpc import RpcError
from screen import Screen
from summary import PHASES, Summary, quantile
from trace import Trace

RATE = 10   # calls a second
# seconds after the first call; the halves fall between two lines of the timeline
KILL_AT, BACK_AT, END_AT = 15.5, 33.5, 62
CALLS = RATE * END_AT
PRIMARY = "us-east-1"
COLOURS = {"up": "green", "down": "red"}


class Demo:
    def __init__(self, lab, screen):
        self._lab, self._screen = lab, screen
        self._trace, self._cdrs = Trace(lab.trace), Cdrs(lab.log)
        self._zero = None           # when the first call was placed, since 1970
        self._second = 0            # the next full second to show
        self._shown, self._moved = set(), 0
        self._down = set()
        self.killed = self.back = None

    # --- the story ------------------------------------------------------------

    def run(self):
        self._lab.start_caller(RATE, CALLS)
        self._until(lambda: self._zero is not None)
        self._until(lambda: self._now() >= KILL_AT)
        self._kill()
        self._until(lambda: self._now() >= BACK_AT)
        self._bring_back()
        self._until(lambda: not self._lab.caller.running, limit=END_AT + 30)
        self._trace.read(last=True)
        self._cdrs.read()

    def _kill(self):
        self._lab.gateways[PRIMARY].kill()
        self.killed = time.time()
        self._down.add(PRIMARY)
        self._event(self.killed, f"{PRIMARY}: its process is killed (kill -9), the port is closed",
                    "bold", "red")

    def _bring_back(self):
        self._lab.start_gateway(PRIMARY)
        self.back = time.time()
        self._down.clear()
        self._event(self.back, f"{PRIMARY}: its process is started again", "bold", "green")

    def stay(self):
        """KEEP=1: calls go on; state changes are shown until somebody ends it."""
        self._lab.start_caller(RATE)
        last = 0
        while True:
            self._show_history()
            if time.monotonic() - last > 5:
                last = time.monotonic()
                self._lab.check(expected_down=self._lab.gateways)
            time.sleep(0.3)

    # --- time -----------------------------------------------------------------

    def _now(self):
        """Seconds since the first call."""
        return time.time() - self._zero

    def _until(self, condition, limit=END_AT + 10):
        """Shows what happens until the condition holds."""
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                raise Failed("the caller did not come to an end", self._lab.caller.last_lines())
            self._look()
            time.sleep(0.1)

    def _look(self):
        self._trace.read()
        if self._zero is None:
            if not self._trace.calls:
                self._lab.check(self._down)
                return
            self._zero = next(iter(self._trace.calls.values())).placed
        # each change before the line of its second, not after
        self._show_history(until=self._zero + self._second + 1)
        # a little late, so that the trace has all of that second
        if self._second < END_AT and self._now() >= self._second + 1.15:
            self._show_second()
            self._second += 1

    # --- what is shown --------------------------------------------------------

    def _event(self, when, text, *names):
        self._screen.event(when - self._zero if self._zero else 0, text, *names)

    def _show_history(self, until=float("inf")):
        """State changes before that moment that were not shown yet."""
        for t in self._lab.history():
            key = tuple(t[k] for k in ("time", "set", "destination", "from", "to"))
            if key in self._shown or t["time"] / 1000 >= until:
                continue
            self._shown.add(key)
            what = f"{t['set']}/{t['destination']}: {t['from']} -> {t['to']}: "
            if t["to"].startswith("priority"):
                what = f"{t['set']}: "
            self._event(t["time"] / 1000, what + t["reason"], COLOURS.get(t["to"], "yellow"))

    def _show_second(self):
        self._lab.check(self._down)
        self._cdrs.read()
        begin, end = self._zero + self._second, self._zero + self._second + 1
        calls = self._trace.calls.values()
        answered = [c for c in calls if c.connected and begin <= c.ended < end]
        delays = [c.delay_ms for c in answered]
        waiting = sum(c.placed < end and (c.ended is None or c.ended >= end) for c in calls)
        moved, self._moved = len(self._cdrs.moved) - self._moved, len(self._cdrs.moved)
        self._screen.second(self._second + 1, list(self._cells(answered)), waiting, moved,
                            (quantile(delays, 0.5), quantile(delays, 1.0)))

    def _cells(self, answered):
        names = self._lab.names
        for name, d in self._lab.destinations().items():
            share = 100 * d["effective_weight"] / d["weight"] if d["health"] == "ramp" else None
            count = sum(names.get(c.contact) == name for c in answered)
            yield name, count, d["health"], share

    # --- what came of it ------------------------------------------------------

    def summary(self):
        return Summary(self._trace.calls.values(), self._cdrs.paths, self._lab.names,
                       self.killed, self.back)

    def show_summary(self, summary):
        say = self._screen.say
        say()
        say(f"{'':18}" + "".join(f"{p:>10}" for p in (*PHASES, "all")), "bold")
        for title, values in summary.rows():
            bad = title == "lost" and values[-1] != "0"
            say(f"{title:<18}" + "".join(f"{v:>10}" for v in values), *(["red"] if bad else []))
        say()
        say("before: calls answered before the kill; outage: placed before the process was back; "
            "after: the rest.")
        say("Delay: from the INVITE to ringing or answer, by the caller's clock.")
        cut = len(summary.cut_off())
        if cut:
            say(f"{cut} calls were already talking on {PRIMARY} when it was killed: those end "
                "with their gateway.")
        for call in summary.lost[:5]:
            say(f"lost: {call.call_id} placed at {call.placed - self._zero:.1f} s: "
                f"{call.code or 'no final answer'} {self._cdrs.paths.get(call.call_id, '')}", "red")

    def verdict(self, summary):
        """None, or why the demonstration has failed."""
        if summary.lost:
            return f"{len(summary.lost)} calls were lost"
        if summary.not_closed():
            return f"{len(summary.not_closed())} calls could not be hung up"
        if len(summary.calls) < CALLS:
            return f"only {len(summary.calls)} of {CALLS} calls were placed"
        if not self._cdrs.moved:
            return "no call failed over, although the primary was killed"
        return None


def introduce(lab, screen, keep):
    say = screen.say
    say(f"Kamailio at {lab.kam}:{lab.port} with {lab.config}; {RATE} calls a second "
        f"to {lab.users} different users,")
    say("each talks for 2 s. Tier 1: us-east-1. Tier 2: us-east-2 and eu-west-1, 60 to 40.")
    say(f"At {KILL_AT} s us-east-1 is killed, at {BACK_AT} s it comes back, the last call "
        f"is placed at {END_AT} s.")
    say("The times are short, so that it fits into a minute: try-timeout 1 s, hold 5 s, slow "
        "start 10 s")
    say("(etc/failover_route.xml has a carrier's: 4 s, 30 s, 60 s). Columns: calls connected in "
        "that second.")
    if keep:
        commands(lab, screen)
    say()


def commands(lab, screen):
    kamcmd = f"kamcmd -s {lab.ctl_socket} failover_route."
    pid = lab.gateways[PRIMARY].pid
    screen.say()
    screen.say("In another terminal:", "bold")
    for text in ("list carriers", "explain carriers", "history carriers 10", "metrics",
                 "set_admin carriers us-east-2 drain", "set_admin carriers us-east-2 ready",
                 "set_health carriers eu-west-1 down", "set_health carriers eu-west-1 up",
                 "probe carriers us-east-1", "reload"):
        screen.say(f"  {kamcmd}{text}")
    screen.say(f"  build/failover-route top --at {lab.folder}/kamailio_rpc.sock")
    screen.say(f"  kill -9 {pid}    # {PRIMARY} dies; this brings it back:")
    screen.say(f"  {lab.by_hand(PRIMARY)}")
    screen.say(f"  less {lab.log}")
    screen.say(f"Stop: Ctrl-C here, or kill {os.getpid()}")


def play(lab, screen, keep):
    """None, or why it has failed."""
    lab.start()
    introduce(lab, screen, keep)
    demo = Demo(lab, screen)
    demo.run()
    summary = demo.summary()
    demo.show_summary(summary)
    lab.check()
    reason = demo.verdict(summary)
    if keep and not reason:
        commands(lab, screen)
        try:
            demo.stay()
        except KeyboardInterrupt:
            return None
    return reason


def _interrupted(number, _frame):
    raise KeyboardInterrupt


def main():
    module, kamailio, folder = sys.argv[1:4]
    screen, keep = Screen(), os.environ.get("KEEP", "") not in ("", "0", "no")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    lab, log, status = None, [], 1
    try:
        lab = Lab(module, kamailio, folder)
        reason = play(lab, screen, keep)
        status = 1 if reason else 0
    except KeyboardInterrupt:
        reason, status = "interrupted", 130
    except (Failed, RpcError, OSError) as error:
        reason, log = str(error), getattr(error, "log", []) or []
        if not log and lab and lab.proxy:
            log = lab.proxy.last_lines()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ended = lab.stop() if lab else None
    if status == 0 and ended:
        reason, status, log = f"Kamailio ended with {ended}", 1, lab.proxy.last_lines()
    screen.say()
    if status == 0:
        screen.say("No call was lost.", "bold", "green")
    else:
        screen.say(f"demo: {reason}", "bold", "red")
        for line in log:
            screen.say(f"  | {line}")
    if lab and status == 1:
        screen.say(f"  logs: {lab.folder}")
    elif lab:
        lab.remove()
    return status


if __name__ == "__main__":
    sys.exit(main())
