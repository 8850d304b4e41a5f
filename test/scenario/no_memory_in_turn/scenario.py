"""Each place of the module that asks for memory while calls, a reload and a rescue are under way gets
none, one after the other: calls have their answer all the same, places and memory come back, and
the log has a line or two for each refusal.
"""
from lib.no_memory import NoMemory

LIMIT = 200
RELAY = '''dlg_manage();
	if ($rU == "steps") {
		if (!frt_select("refusing") || !frt_next()) {
			send_reply("500", "No destination");
			exit;
		}
		t_on_failure("STEPS");
		if (!t_relay()) sl_reply_error();
		exit;
	}
	if (!frt_relay("$rU")) send_reply("500", "No destination");'''
STEPS = '''failure_route[STEPS] {
	if (frt_should_failover() && frt_next()) {
		t_on_failure("STEPS");
		t_relay();
	}
}'''
SETS = ("refusing", "late", "deaf", "both")


def reloaded(lab):
    try:
        lab.rpc("failover_route.reload")
        return True
    except lab.RpcFault as fault:
        assert fault.code == 500 and "memory" in fault.message, fault
        return False


def round_of_calls(lab):
    """Whatever a call may come to, all at once; what they were answered."""
    calls = [lab.call(user) for user in ("refusing", "late", "both", "steps")]
    calls += [lab.call("refusing", transport="tcp"), lab.call("refusing", method="MESSAGE")]
    rescued, cancelled = lab.call("deaf"), lab.call("deaf")
    reloaded(lab)
    if cancelled.status is None:
        cancelled.cancel(wait=False)
    lab.rpc("failover_route.set_health", "deaf", "gw4", "down")
    calls += [rescued, cancelled]
    for call in calls:
        call.wait_final()
    lab.rpc("failover_route.set_health", "deaf", "gw4", "up")
    for call in calls:
        assert len(call.finals) == 1, (call.user, call.codes)
        if call.status == 200 and call.method == "INVITE":
            assert call.bye() == 200
    codes = [call.status for call in calls]
    for call in calls:
        lab.forget(call)
    return codes


def settled(lab):
    def places():
        return [d["calls"] for s in SETS for d in lab.set(s)["destinations"]] + [
            lab.metric("calls", s) for s in SETS]
    lab.wait(lambda: not any(places()), "no place is taken")
    lab.wait_transactions(limit=40)


def story(lab):
    lab.allow_log("memory", "cannot", "could not", "failed", "unable", "out of mem", "reload")
    memory = NoMemory(lab)
    lab.count_shm()
    lab.start(modules=["dialog"], relay=RELAY, routes=STEPS, modparams='modparam("tm", "wt_timer", 1000)\n')
    gw1, _, gw3, gw4, _ = lab.gateways_named("gw1", "gw2", "gw3", "gw4", "gw5")
    gw1.reject(503)
    gw3.mode = lambda request: [(0.6, 200, None)]
    gw4.deaf()
    usual = round_of_calls(lab)
    assert set(usual[:-1]) == {200} and usual[-1] in (200, 487), usual
    settled(lab)
    used = lab.shm_at_rest()
    for index, (function, line) in enumerate(memory.places()):
        if function == "frt_pieces_leave":  # at the start
            continue
        if function in ("root_new", "field_new"):
            lab.wait(lambda: lab.xavp_bytes() == 0, "no xavp lies ready", limit=30)
        before = len(lab.log.lines)
        memory.refuse(index)
        codes = round_of_calls(lab)
        lab.wait(lambda: memory.refused() > 0, f"{function}:{line} asked")  # a late 2xx may come after all answers
        refused = memory.give()
        settled(lab)
        told = [text for text in lab.log.lines[before:] if "ERROR" in text]
        print(f"{function}:{line} refused {refused} times: {codes}, {len(told)} lines", flush=True)
        assert set(codes) <= ({500} if function == "call_new" else {200, 487}), (function, codes)
        assert len(told) <= 2 * refused, told
        assert reloaded(lab)
    assert set(round_of_calls(lab)) <= {200, 487}
    settled(lab)
    assert {d["health"] for s in SETS for d in lab.set(s)["destinations"]} == {"up"}
    assert lab.shm_at_rest() <= used + lab.SHM_ROUNDING, lab.rpc("mod.stats", "failover_route", "shm")
