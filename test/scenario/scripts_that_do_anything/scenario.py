"""Scripts that change their mind, gateways that say it twice, tables that change: nothing is lost.

A call that is selected for one set while it waits in another; routes that suspend and go on late,
or never; branches dropped on their way out, and added in a branch-failure route; finals that come
twice, and after others; destinations that leave the table and return, are taken down and given other caps.
Each call gets its final answer, then no place is taken any more, and every attempt has one outcome.
"""
import random
import secrets
import time

LIMIT = 150
CALLS, AT_ONCE = 800, 25
PARAMS = '''modparam("tm", "fr_timer", 1500)
modparam("tm", "fr_inv_timer", 3000)
'''
RELAY = '''dlg_manage();
	if ($rU =~ "^.[02]") append_branch("sip:own@${gw5}");
	if ($rU =~ "^.[35]") t_on_branch("SOME");
	if ($rU =~ "^.4") t_on_branch_failure("more");
	if ($rU =~ "^.[67]") t_on_reply("SEEN");
	# else async suspends once more for a copy that comes just then
	if ($rU =~ "^[12].[1357]") t_newtran();
	if ($rU =~ "^1") { # two sets at once
		t_on_failure("STEP");
		if (!frt_select("carriers") || !t_relay()) {
			if (!frt_select("other") || !t_relay()) send_reply("503", "None");
			exit;
		}
		if (frt_select("other")) t_relay();
		if ($rU =~ "7$" && frt_select("carriers")) t_relay();
		exit;
	}
	if ($rU =~ "^2") { # who has selected thinks it over
		if (frt_select("other")) async_task_route("SEND");
		else send_reply("503", "None");
		exit;
	}
	$var(set) = "carriers";
	if ($rU =~ "^4") $var(set) = "all";
	if ($rU =~ "^5") $var(set) = "other";
	t_on_failure("LAST");
	if (!frt_relay("$var(set)")) send_reply("503", "None");'''
ROUTES = '''route[SEND] {
	t_on_failure("STEP");
	if ($rU =~ "3$") frt_relay("all");
	else if ($rU =~ "4$") frt_select("carriers");
	if (!($rU =~ "3$")) t_relay();
}
onreply_route[SEEN] {
	$var(seen) = $frt(id) + $frt(path) + $xavp(frt=>path) + $frt(reason);
	if (t_check_status("486")) frt_mark("ok");
	if (t_check_status("199")) drop;
}
branch_route[SOME] {
	if ($rU =~ "^..[12]") {
		if ($T_branch_idx == 0) drop;
	} else if ($rU =~ "^..3") {
		if ($T_branch_idx == 1) drop;
	}
}
event_route[tm:branch-failure:more] {
	if ($rU =~ "6$") {
		append_branch("sip:own@${gw5}");
		t_relay();
	} else if ($rU =~ "7$" && frt_select("other")) t_relay();
}
failure_route[STEP] {
	t_on_failure("STEP");
	if ($rU =~ "1$") async_task_route("STEP");
	else if ($rU =~ "2$") t_suspend();
	else if (frt_should_failover()) route(STEP);
}
route[STEP] {
	if (frt_next()) {
		t_on_failure("STEP");
		if (!t_relay()) frt_next();
		exit;
	}
	if ($rU =~ "8$") frt_relay("all");
	if ($rU =~ "7$" && frt_select("other")) t_relay();
}
failure_route[LAST] {
	if ($rU =~ "1$") async_task_route("LATER");
	if ($rU =~ "2$") t_suspend();
	if ($rU =~ "3$") {
		t_on_failure("LAST");
		t_suspend();
	}
	if ($rU =~ "4$") {
		$du = "sip:${gw5}";
		t_relay();
	}
	if ($rU =~ "5$") frt_relay("other");
	if ($rU =~ "6$" && frt_select("other")) t_relay();
}
route[LATER] {
	if ($rU =~ "^..[0-3]") {
		t_on_failure("LAST");
		frt_relay("other");
	} else if ($rU =~ "^..[4-6]") {
		t_on_failure("STEP");
		if (frt_select("other")) t_relay();
	} else if ($rU =~ "^..7") t_reply("404", "Not here");
}'''


class Chance:
    """What happens to a call."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self.odds = self._random.random
        self.choice = self._random.choice

    def plan(self, gw):
        def decide(request):
            late = self.choice((0, 0.01, 0.1, 0.3, 0.38, 0.41, 0.44, 0.7))
            if self.odds() < 0.2:  # again, another, or after the end
                for _ in range(self.choice((1, 1, 2))):
                    gw.respond_later(late + self.choice((0, 0, 0.01, 0.4, 2)), request,
                                     self.choice((100, 180, 199, 200, 200, 408, 486, 487, 503, 603)))
            code = self.choice((480, 500, 200, 302, 491))
            return self.choice((
                *[[(late, 200, None)]] * 4, *[[(late, 503, None)]] * 3, [(late, 503, {"Retry-After": "1"})],
                [(0, 100, None)], [(0, 100, None), (late, 180, None), (late + 0.2, 200, None)],
                [(late, 180, None)], [], [], [(late, 407, None)], [(late, 486, None)], [(late, 603, None)],
                [(late, 183, None), (late + 0.1, code, None)]))
        return decide

    def place(self, lab):
        user = f"{self.choice('12345')}{self.choice(range(100, 1000))}"
        options = {"method": "MESSAGE"} if self.odds() < 0.12 else {}
        if self.odds() < 0.2:
            options["transport"] = "tcp"
        call = lab.call(user, **options)
        wish = time.monotonic() + 2 * self.odds()
        call.hangs_up = wish if call.method == "INVITE" and self.odds() < 0.3 else None
        copies = (0, 0, 0, 1, 4) if user[0] > "2" or user[2] in "1357" else (0,)
        call.again = sorted(time.monotonic() + self.choice((0, 0.02, 0.4, 1)) for _ in range(self.choice(copies)))
        return call


def is_over(lab, call, hung_up):
    now = time.monotonic()
    while call.again and call.again[0] < now:  # a copy of the request
        call.again.pop(0)
        call._channel.send(call._first._data)
    if call.status is None:
        if call.hangs_up and now > call.hangs_up:
            call._first.provisional = True  # it does not wait for a reply
            call.cancel(wait=False)
            call.hangs_up = None
        return False
    # a late 2xx may cross the refusal, which tm sends when it has given its lock back
    assert call.finals[0] == call.status and sum(code != 200 for code in call.finals) <= 1, \
        (call.method, call.user, call.call_id, call.finals)
    if call.status == 200 and call.method == "INVITE":
        call.bye()
        hung_up.add((call.call_id, call.final.to_tag))
    lab.forget(call)
    return True


class Operator:
    """What happens to the table."""

    def __init__(self, lab, chance, gws):
        self.lab, self.chance, self.gws, self.closed = lab, chance, gws, set()
        text = (lab.work / "failover_route.xml").read_text()
        lines = text.splitlines(keepends=True)
        self.texts = [text, text.replace('max-calls="9"', 'max-calls="2"'), text.replace('max-calls="9"', ""),
                      text.replace('max-calls="9"', 'max-calls="40"'), text.replace("400ms", "300ms"),
                      "".join(line for line in lines if 'id="gw3"' not in line)]

    def step(self):
        odds, choice, rpc = self.chance.odds, self.chance.choice, self.lab.rpc
        if odds() < 0.05:
            gw = choice((self.gws[1], self.gws[3]))
            gw.open() if gw in self.closed else gw.close()
            self.closed.symmetric_difference_update({gw})
        if odds() < 0.04:
            (self.lab.work / "failover_route.xml").write_text(choice(self.texts))
            rpc("failover_route.reload")
        if odds() < 0.03:
            rpc("failover_route.set_admin", "carriers", "gw1", choice(("maint", "ready", "drain")))
        if odds() < 0.06:
            rpc("failover_route.set_health", choice(("carriers", "all", "other")), "gw1", choice(("up", "down")))


def end_twins(lab, hung_up):
    """Two branches have answered, and dialog went by the other one: an operator ends it."""
    for d in lab.rpc("dlg.list"):
        assert (d["call-id"], d["callee"]["tag"]) not in hung_up, d
        lab.rpc("dlg.end_dlg", d["h_entry"], d["h_id"])
    lab.wait(lambda: not lab.rpc("dlg.list"), "no dialog is left", limit=30)


def settled(lab):
    for set_id in ("carriers", "all", "other"):
        assert lab.metric("calls", set_id) == 0, set_id
        for d in lab.set(set_id)["destinations"]:
            ended = d["ok"] + d["failed"] + lab.metric("ignored_total", set_id, d["id"])
            assert (d["calls"], d["attempts"]) == (0, ended), (set_id, d)


def story(lab):
    seed = secrets.randbits(32)
    print("seed", seed)
    chance = Chance(seed)
    lab.start(relay=RELAY, routes=ROUTES, modules=["async", "dialog", "corex"], modparams=PARAMS,
              listen="async_workers=2\nchildren=4\n")
    lab.allow_refused()
    # what could not be sent; tm's CANCEL for a text; dialogs that two branches have answered
    lab.allow_log(r"ERROR: tmx? \[", r"ERROR: <core> \[core/(tcp_main|tcp_read|forward|parser/parse_rr)", r"CRITICAL: dialog \[",
                  "the failure (route|callback) returned an error", r"ERROR: dialog .*populate_leg_info")
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    for gw in gws:
        gw.mode = chance.plan(gw)
    operator = Operator(lab, chance, gws)
    calls, placed, hung_up = [], 0, set()

    def all_over():
        nonlocal placed
        while placed < CALLS and len(calls) < AT_ONCE:
            calls.append(chance.place(lab))
            placed += 1
        calls[:] = [c for c in calls if not is_over(lab, c, hung_up)]
        operator.step()
        return placed == CALLS and not calls
    try:
        lab.wait(all_over, "every call has its answer", limit=90)
    except lab.Timeout:
        print([t for t in lab.rpc('tm.list') if t['method'] != 'OPTIONS'], [(c.method, c.user, c.transport, c.call_id, c.codes, round(time.monotonic() - c.started), c.hangs_up, c._first.provisional, [(g.name, [(r.method, round(r.time-c.started,2)) for r in g.requests if r.call_id == c.call_id]) for g in gws]) for c in calls])
        raise
    try:
        lab.wait(lambda: {t["method"] for t in lab.rpc("tm.list")} <= {"OPTIONS"}, "only probes are left", limit=45)
    finally:
        print([t for t in lab.rpc("tm.list") if t["method"] != "OPTIONS"])
        print([(d["call-id"], d["callee"]["tag"], d["state"]) for d in lab.rpc("dlg.list")])
        print({sid: lab.metric("calls", sid) for sid in ("carriers", "all", "other")})
    end_twins(lab, hung_up)
    settled(lab)
