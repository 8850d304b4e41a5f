"""Every way of relaying at once, gateways that do anything, callers who hang up: nothing is lost.

In one line, in steps, in parallel, after a suspended transaction; with branches of the script's
own beside or after ours; over connections that come and go, amid reloads. Each call gets its
final answer, then no place is taken any more, and every attempt has one outcome.
"""
import random
import secrets
import time

LIMIT = 150
CALLS, AT_ONCE = 800, 25
PARAMS = '''modparam("async", "workers", 2)
modparam("tm", "fr_timer", 1500)
modparam("tm", "fr_inv_timer", 3000)
'''
RELAY = '''dlg_manage();
	if ($rU =~ "^[12].*5$") append_branch("sip:own@${gw5}");
	if ($rU =~ "^1") {
		t_on_failure("STEP");
		if ($rU =~ "7$") t_on_branch("DROP");
		if (!frt_select("carriers")) {
			send_reply("503", "None");
			exit;
		}
		if (!t_relay() && frt_next()) t_relay();
		exit;
	}
	if ($rU =~ "^4") {
		async_route("SEND", "1");
		exit;
	}
	t_on_failure("LAST");
	$var(set) = "carriers";
	if ($rU =~ "^3") $var(set) = "all";
	if (!frt_relay("$var(set)")) send_reply("503", "None");'''
ROUTES = '''route[SEND] {
	t_on_failure("LAST");
	if (!frt_relay("carriers")) t_reply("503", "None");
}
branch_route[DROP] { drop; }
failure_route[STEP] {
	t_on_failure("STEP");
	if ($rU =~ "3$" && t_check_status("407") && frt_again()) {
		t_relay();
		exit;
	}
	if (frt_should_failover() && frt_next()) {
		if (!t_relay()) frt_next();
		exit;
	}
	if ($rU =~ "8$") frt_relay("all");
	exit;
}
failure_route[LAST] {
	if ($rU =~ "9$") {
		$du = "sip:${gw5}";
		t_relay();
	}
	if ($rU =~ "4$" && frt_select("carriers")) t_relay();
	exit;
}'''


class Chance:
    """What happens to a call."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self.odds = self._random.random
        self.choice = self._random.choice

    def plan(self, request):
        late = self.choice((0, 0.01, 0.1, 0.3, 0.38, 0.41, 0.44, 0.7))
        code = self.choice((480, 500, 200, 302))
        return self.choice((
            *[[(late, 200, None)]] * 4, *[[(late, 503, None)]] * 3, [(late, 503, {"Retry-After": "1"})],
            [(0, 100, None)], [(0, 100, None), (late, 180, None), (late + 0.2, 200, None)],
            [(late, 180, None)], [], [], [(late, 407, None)], [(late, 486, None)], [(late, 603, None)],
            [(late, 183, None), (late + 0.1, code, None)]))

    def place(self, lab):
        user = f"{self.choice('1234')}{self.choice(range(100, 999))}"
        call = lab.call(user, method="MESSAGE" if self.odds() < 0.15 else "INVITE")
        wish = time.monotonic() + 2 * self.odds()
        call.hangs_up = wish if call.method == "INVITE" and self.odds() < 0.3 else None
        return call


def is_over(lab, call):
    if call.status is None:
        if call.hangs_up and time.monotonic() > call.hangs_up and call._first.provisional:
            call.cancel(wait=False)
            call.hangs_up = None
        return False
    # a late 2xx may cross the refusal, which tm sends when it has given its lock back
    assert call.finals[0] == call.status and sum(code != 200 for code in call.finals) <= 1, \
        (call.method, call.user, call.call_id, call.finals)
    if call.status == 200 and call.method == "INVITE":
        call.bye()
    lab.forget(call)
    return True


def story(lab):
    seed = secrets.randbits(32)
    print("seed", seed)
    chance = Chance(seed)
    lab.start(relay=RELAY, routes=ROUTES, modules=["async", "dialog", "corex"], modparams=PARAMS,
              listen="async_workers=2\nchildren=4\n")
    lab.allow_refused()
    # what could not be sent; tm's CANCEL for a text; dialogs that two branches have answered
    lab.allow_log(r"ERROR: tm \[", r"ERROR: <core> \[core/(tcp_main|forward)", r"CRITICAL: dialog \[",
                  "the failure (route|callback) returned an error")
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    for gw in gws:
        gw.mode = chance.plan
    calls, placed, closed = [], 0, set()

    def all_over():
        nonlocal placed
        while placed < CALLS and len(calls) < AT_ONCE:
            calls.append(chance.place(lab))
            placed += 1
        calls[:] = [c for c in calls if not is_over(lab, c)]
        if chance.odds() < 0.05:
            gw = chance.choice((gws[1], gws[3]))
            gw.open() if gw in closed else gw.close()
            closed.symmetric_difference_update({gw})
        if chance.odds() < 0.02:
            lab.rpc("failover_route.reload")
        if chance.odds() < 0.02:
            lab.rpc("failover_route.set_admin", "carriers", "gw1", chance.choice(("maint", "ready", "drain")))
        return placed == CALLS and not calls
    lab.wait(all_over, "every call has its answer", limit=120)

    lab.wait(lambda: {t["method"] for t in lab.rpc("tm.list")} <= {"OPTIONS"}, "only probes are left", limit=45)
    for set_id in ("carriers", "all"):
        assert lab.metric("calls", set_id) == 0
        for d in lab.set(set_id)["destinations"]:
            ended = d["ok"] + d["failed"] + lab.metric("ignored_total", set_id, d["id"])
            assert (d["calls"], d["attempts"]) == (0, ended), (set_id, d)
