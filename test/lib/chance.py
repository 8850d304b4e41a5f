"""Random stories: many calls, gateways that do anything, and one seed for all of it, which is printed.

A story says how a call is placed, when it is over, and what else happens meanwhile.
"""
import random
import secrets
import time

CALLS, AT_ONCE = 800, 25


class Chance:
    """What is drawn."""

    def __init__(self):
        seed = secrets.randbits(32)
        print("seed", seed)
        dice = random.Random(seed)
        self.odds, self.choice = dice.random, dice.choice
        self._closed = set()

    def late(self):
        """How late a gateway answers: at times about the try-timeout of 400 ms."""
        return self.choice((0, 0.01, 0.1, 0.3, 0.38, 0.41, 0.44, 0.7))

    def replies(self, late, *codes):
        """What it says then, as its mode gives it; codes: of those that rang and were not answered."""
        code = self.choice(codes)
        return self.choice((
            *[[(late, 200, None)]] * 4, *[[(late, 503, None)]] * 3, [(late, 503, {"Retry-After": "1"})],
            [(0, 100, None)], [(0, 100, None), (late, 180, None), (late + 0.2, 200, None)],
            [(late, 180, None)], [], [], [(late, 407, None)], [(late, 486, None)], [(late, 603, None)],
            [(late, 183, None), (late + 0.1, code, None)]))

    def call(self, lab, kinds, texts, **options):
        """Places one: to a number that begins with one of these digits; texts: so many are MESSAGEs."""
        user = f"{self.choice(kinds)}{self.choice(range(100, 1000))}"
        call = lab.call(user, method="MESSAGE" if self.odds() < texts else "INVITE", **options)
        wish = time.monotonic() + 2 * self.odds()
        call.hangs_up = wish if call.method == "INVITE" and self.odds() < 0.3 else None
        return call

    def open_or_close(self, gateways):
        """One of these no longer takes connections, or takes them again."""
        gw = self.choice(gateways)
        gw.open() if gw in self._closed else gw.close()
        self._closed.symmetric_difference_update({gw})


def end(lab, call):
    """Of a call that has its answer."""
    # a late 2xx may cross the refusal, which tm sends when it has given its lock back
    assert call.finals[0] == call.status and sum(code != 200 for code in call.finals) <= 1, \
        (call.method, call.user, call.call_id, call.finals)
    if call.status == 200 and call.method == "INVITE":
        call.bye()
    lab.forget(call)


def allow_log(lab):
    """What could not be sent, in Kamailio's words; tm's CANCEL for a text; what the script says to a caller who has
    hung up meanwhile; dialogs that two branches have answered."""
    lab.allow_refused()
    lab.allow_log(r"handle_tcpconn_ev\(\): connect", r"handle_ser_child\(\): received CON_ERROR",
                  r"send_prepared_request_impl\(\): Attempt to send", r"_w_t_relay_to\(\): t_forward_noack failed",
                  r"build_local_reparse\(\)", r"cancel_branch\(\): attempt to build a CANCEL failed",
                  r"send_reply\(\): failed to reply stateful", r"CRITICAL: dialog \[",
                  r"ERROR: dialog .*(populate_leg_info|failed to update dialog lifetime)")


def place_all(lab, place, is_over, meanwhile, limit):
    """Places CALLS, AT_ONCE at a time, until each has its answer."""
    calls, placed = [], 0

    def all_over():
        nonlocal placed
        while placed < CALLS and len(calls) < AT_ONCE:
            calls.append(place())
            placed += 1
        calls[:] = [c for c in calls if not is_over(c)]
        meanwhile()
        return placed == CALLS and not calls
    try:
        lab.wait(all_over, "every call has its answer", limit)
    except lab.Timeout:
        print("in tm:", _transactions(lab))
        for c in calls:
            print(c.method, c.user, c.transport, c.call_id, c.codes, round(time.monotonic() - c.started),
                  c.hangs_up, [(gw.name, [(r.method, round(r.time - c.started, 2)) for r in gw.requests
                                          if r.call_id == c.call_id]) for gw in lab.gateways.values()])
        raise


def _transactions(lab):
    return [t for t in lab.rpc("tm.list") if t["method"] != "OPTIONS"]


def wait_only_probes(lab):
    """Until tm has no transaction left but theirs."""
    try:
        lab.wait(lambda: not _transactions(lab), "only probes are left", limit=45)
    except lab.Timeout:
        print("in tm:", _transactions(lab))
        raise


def assert_settled(lab, *set_ids):
    """No place is taken any more, and every attempt has one outcome."""
    for set_id in set_ids:
        assert lab.metric("calls", set_id) == 0, set_id
        for d in lab.set(set_id)["destinations"]:
            ended = d["ok"] + d["failed"] + lab.metric("ignored_total", set_id, d["id"])
            assert (d["calls"], d["attempts"]) == (0, ended), (set_id, d)
