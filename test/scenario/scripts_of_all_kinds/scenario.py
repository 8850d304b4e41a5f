"""Every way of relaying at once, gateways that do anything, callers who hang up: nothing is lost.

In one line, in steps, in parallel, after a suspended transaction; with branches of the script's
own beside or after ours; over connections that come and go, amid reloads. Each call gets its
final answer, then no place is taken any more, and every attempt has one outcome.
"""
import time

from lib import chance

LIMIT = 150
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


def is_over(lab, call):
    if call.status is None:
        if call.hangs_up and time.monotonic() > call.hangs_up and call._first.provisional:
            call.cancel(wait=False)
            call.hangs_up = None
        return False
    chance.end(lab, call)
    return True


def story(lab):
    dice = chance.Chance()
    lab.start(relay=RELAY, routes=ROUTES, modules=["async", "dialog", "corex"], modparams=PARAMS,
              listen="async_workers=2\nchildren=4\n")
    chance.allow_log(lab)
    gws = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    for gw in gws:
        gw.mode = lambda _request: dice.replies(dice.late(), 480, 500, 200, 302)

    def meanwhile():
        if dice.odds() < 0.05:
            dice.open_or_close((gws[1], gws[3]))
        if dice.odds() < 0.02:
            lab.rpc("failover_route.reload")
        if dice.odds() < 0.02:
            lab.rpc("failover_route.set_admin", "carriers", "gw1", dice.choice(("maint", "ready", "drain")))
    chance.place_all(lab, lambda: dice.call(lab, "1234", texts=0.15), lambda call: is_over(lab, call), meanwhile,
                     limit=120)
    chance.wait_only_probes(lab)
    chance.assert_settled(lab, "carriers", "all")
