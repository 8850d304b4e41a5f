"""Who answered a text that went to several at once is known, with an XAVP to write and without."""

RELAY = '''setflag(1);
	if (!frt_relay("carriers")) send_reply("500", "No destination");'''
MODPARAMS = '''modparam("failover_route", "xavp", "{}")
modparam("acc", "log_flag", 1)
modparam("acc", "log_extra", "by=$frt(id)")
'''


def story(lab):
    gws = gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    for gw in (gw1, gw2, gw4):
        gw.reject(480)
    gw3.mode = lambda request: [(0.2, 200, None)]
    for times, xavp in enumerate(("frt", ""), 1):
        lab.start(relay=RELAY, modparams=MODPARAMS.format(xavp))
        # the order of the branches is drawn: gw3 is not the last in some of these
        for user in range(100, 108):
            assert lab.place(str(user), method="MESSAGE").finals == [200]
        assert [gw.count("MESSAGE") for gw in gws] == [8 * times] * 4
        lab.wait(lambda: lab.log.count("answered 200 by") == 8 * times, "the lines of the calls")  # noqa: B023 at once
        lab.wait(lambda: lab.log.count(";by=gw3") == 8 * times, "acc has them")  # noqa: B023 at once
        assert lab.log.count("answered 200 by gw3") == lab.log.count(";by=") == 8 * times
        lab.stop()
