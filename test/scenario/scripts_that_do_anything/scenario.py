"""Scripts that change their mind, gateways that say it twice, tables that change: nothing is lost.

A call that is selected for one set while it waits in another; routes that suspend and go on late,
or never; branches dropped on their way out, and added in a branch-failure route; finals that come
twice, and after others; destinations that leave the table and return, are taken down and given other caps.
Each call gets its final answer, then no place is taken any more, and every attempt has one outcome.
"""
import time

from lib import chance

LIMIT = 150
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
		if (!frt_select("other")) send_reply("503", "None");
		# else async goes on with the call that its process suspended last, which then never ends
		else if (!($rU =~ "^2.[1357]" && t_is_canceled())) async_task_route("SEND");
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
	if ($rU =~ "1$" && !t_is_canceled()) async_task_route("STEP");
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
	if ($rU =~ "1$" && !t_is_canceled()) async_task_route("LATER");
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


def mode_of(gw, dice):
    def decide(request):
        late = dice.late()
        if dice.odds() < 0.2:  # again, another, or after the end
            for _ in range(dice.choice((1, 1, 2))):
                gw.respond_later(late + dice.choice((0, 0, 0.01, 0.4, 2)), request,
                                 dice.choice((100, 180, 199, 200, 200, 408, 486, 487, 503, 603)))
        return dice.replies(late, 480, 500, 200, 302, 491)
    return decide


def place(lab, dice):
    options = {"transport": "tcp"} if dice.odds() < 0.2 else {}
    call = dice.call(lab, "12345", texts=0.12, **options)
    copies = (0, 0, 0, 1, 4) if call.user[0] > "2" or call.user[2] in "1357" else (0,)
    call.again = sorted(time.monotonic() + dice.choice((0, 0.02, 0.4, 1)) for _ in range(dice.choice(copies)))
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
    chance.end(lab, call)
    if call.status == 200 and call.method == "INVITE":
        hung_up.add((call.call_id, call.final.to_tag))
    return True


class Operator:
    """What happens to the table."""

    def __init__(self, lab, dice, gws):
        self.lab, self.dice, self.gws = lab, dice, gws
        text = (lab.work / "failover_route.xml").read_text()
        lines = text.splitlines(keepends=True)
        self.texts = [text, text.replace('max-calls="9"', 'max-calls="2"'), text.replace('max-calls="9"', ""),
                      text.replace('max-calls="9"', 'max-calls="40"'), text.replace("400ms", "300ms"),
                      "".join(line for line in lines if 'id="gw3"' not in line)]

    def step(self):
        odds, choice, rpc = self.dice.odds, self.dice.choice, self.lab.rpc
        if odds() < 0.05:
            self.dice.open_or_close((self.gws[1], self.gws[3]))
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


def story(lab):
    dice = chance.Chance()
    lab.start(relay=RELAY, routes=ROUTES, modules=["async", "dialog", "corex"], modparams=PARAMS,
              listen="async_workers=2\nchildren=4\n")
    chance.allow_log(lab)
    # who suspends until tm has no branch left, and the route that ends with that
    lab.allow_log(r"add_blind_uac\(\): maximum number of branches", r"t_suspend\(\): failed to add the blind UAC",
                  r"ki_t_suspend\(\): failed", "error (running|in) run_top_route", "failure inside run_top_route",
                  "the failure route returned an error")
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    for gw in gws:
        gw.mode = mode_of(gw, dice)
    operator, hung_up = Operator(lab, dice, gws), set()
    chance.place_all(lab, lambda: place(lab, dice), lambda call: is_over(lab, call, hung_up), operator.step, limit=90)
    chance.wait_only_probes(lab)
    end_twins(lab, hung_up)
    chance.assert_settled(lab, "carriers", "all", "other")
