"""A caller who hangs up while the script is still at something else has his 487, and there is nothing
left to answer: frt_relay that finds no destination then said so, and the script's own answer was an
error in the log.
"""
RELAY = '''t_newtran();
	t_send_reply("100", "Trying");
	$var(i) = 0;
	while ($rU == "200" && !t_is_canceled() && $var(i) < 400) {
		usleep("50000");
		$var(i) = $var(i) + 1;
	}
	if (!frt_relay("carriers")) send_reply("503", "None");'''


def hang_up(call):
    assert call.cancel() == 200
    assert call.wait_final() == 487 and call.finals == [487]


def story(lab):
    lab.start(modules=["cfgutils"], relay=RELAY, listen="children=4\n")
    gw1, = lab.gateways_named("gw1")
    gw1.ringing()
    first, second = lab.call("200"), lab.call("200")
    first.wait_code(100), second.wait_code(100)
    other = lab.call("100")  # it takes what the destination may have in this second
    other.wait_code(180)
    hang_up(first)
    lab.rpc("failover_route.set_admin", "carriers", "gw1", "drain")
    hang_up(second)
    hang_up(other)
    lab.wait_transactions()
    assert gw1.users == ["100"] and lab.dst("gw1")["failed"] == 0
