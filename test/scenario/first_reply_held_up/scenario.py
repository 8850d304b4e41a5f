"""A destination that is heard of in time is not timed out by what the script does with that reply.

tm sets its timer anew for a provisional reply once the onreply_route is over, which may ask a media
relay or a database. It fired meanwhile, and the caller who had just been told that the phone rings
had a 408, while that was hung up; behind a 100 the call went on elsewhere. With several phones at
once progress-timeout did the same.
"""
SLOW = {"X-Slow": "yes"}
REPLIES = {"plain": [(1, 180, SLOW)], "trying": [(1, 100, SLOW)], "progress": [(1, 180, SLOW)],
           "parallel": [(0, 100, None), (1, 180, SLOW)]}


def story(lab):
    lab.start(modules=["cfgutils"], listen="children=8\n",
              routes='onreply_route[SLOW] { if (is_present_hf("X-Slow")) usleep("4000000"); }',
              relay='''t_on_reply("SLOW");
	$var(set) = $rU;
	if ($rU == "trying") $var(set) = "plain";
	if (!frt_relay("$var(set)")) send_reply("500", "None");''')
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.mode = lambda r: REPLIES[r.user] + [(8, 200, None)]
    gw2.mode = lambda r: [(0, 100, None), (0, 404, None)]
    calls = [lab.call(user) for user in REPLIES]
    for call in calls:
        assert call.wait_final() == 200 and call.finals == [200], call.codes
    assert not gw1.cancels and gw2.users == ["parallel"]
    for set_id in "plain", "progress", "parallel":
        told = lab.dst("gw1", set_id)
        assert told["timeouts"] == told["failed"] == 0
    for call in calls:
        assert call.bye() == 200
