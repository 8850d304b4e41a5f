"""Where a call moves on, the script's branch_route sees the dialog of that call.

A timer moves them, and the dialog module tells tm's timer process by a callback whose
call it is: ours, which sends the next branch, must come after it.
"""

BEFORE = 'if (is_method("INVITE")) { dlg_manage(); $dlg_var(who) = $rU; }'
RELAY = '''t_on_branch("EACH");
	t_on_failure("LAST");
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
ROUTES = '''branch_route[EACH] { append_hf("X-Dialog: $dlg_var(who)\\r\\n"); }
failure_route[LAST] {
	xlog("L_NOTICE", "LAST for $rU, dialog of $dlg_var(who), $xavp(frt=>path)\\n");
}'''


def story(lab):
    lab.start(modules=["dialog"], before=BEFORE, relay=RELAY, routes=ROUTES)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.blackhole()
    calls = [lab.call(str(user)) for user in range(100, 108)]
    assert [call.wait_final() for call in calls] == [200] * 8
    seen = sorted((r.user, r.get("x-dialog")) for r in gw2.calls)
    assert seen == [(str(user), str(user)) for user in range(100, 108)]
    for call in calls:
        assert call.bye() == 200

    gw2.blackhole()
    calls = [lab.call(str(user)) for user in range(200, 204)]
    assert [call.wait_final() for call in calls] == [408] * 4
    for user in range(200, 204):
        assert lab.log.count(f"LAST for {user}, dialog of {user}, gw1:408>gw2:408") == 1
