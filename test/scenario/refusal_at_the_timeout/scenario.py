"""A refusal that comes while the timer answers the call takes nothing away from that.

The timer has tm's lock, for as long as a branch-failure route takes, so the caller gets the
refusal of the one before; the reply that is worse than the new one was freed, with acc and
whoever else listens still at it: a CDR without its to-tag and reason.
"""
ROUTES = '''event_route[tm:branch-failure:BUSY] {
	$var(i) = 0;
	while ($var(i) < 40) {
		usleep("10000");
		$var(i) = $var(i) + 1;
	}
}'''


def story(lab):
    lab.start(modules=["cfgutils"], routes=ROUTES,
              relay='setflag(1); t_on_branch_failure("BUSY"); frt_relay("carriers");',
              modparams='modparam("acc", "log_flag", 1)\n'
                        'modparam("acc", "failed_transaction_flag", 1)')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(404)
    gw2.mode = lambda r: [(0.65, 404, {"Reason": "Q.850;cause=1"})]
    for _ in range(8):
        tag = lab.place("100", expect=404).final.to_tag
        lab.log.wait_for(f"ACC: .*to_tag={tag};.*code=404;reason=Not Found")
