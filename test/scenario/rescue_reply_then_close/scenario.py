"""Replies that come just ahead of the connection's end count; nobody is moved on for it.

Some gateways answer and close at once. The close is found by another process than the
one that reads the replies: what was answered must not be taken for lost.
"""

CALLS = 100


def story(lab):
    lab.start()
    lab.allow_refused()
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    for n in range(5):
        gw1.deaf()
        gw1.clear()
        calls = [lab.call(str(1000 * n + i)) for i in range(1000, 1000 + CALLS)]
        gw1.wait_calls(CALLS)
        before = lab.dst("gw1")
        invites = gw1.calls

        def answer_and_close():
            for request in invites:
                request.channel.send(gw1.response(request, 486, None))
            for channel in {r.channel for r in invites}:
                channel.writer.write_eof()  # FIN behind it all; our ACKs can still be read
        lab.reactor.call(answer_and_close)
        for call in calls:
            assert call.wait_final() == 486 and call.finals == [486]
            call.close()
        after = lab.dst("gw1")
        assert after["ok"] - before["ok"] == CALLS
        assert (after["failed"], after["rescued"], after["calls"]) == (0, 0, 0)
    assert gw2.requests == [] and lab.health("gw1") == "up"
