"""The only gateway, over TCP, never answers pings: it is down, and calls are tried there all the
same. The connection on which one of them waits for its first reply, or rings, is not given up for
the pings that nobody answers; when nothing is on it any more, the next ping has another.
"""


def story(lab):
    lab.start()
    gw1 = lab.gateway("gw1")
    gw1.ping_code = None
    gw1.deaf()
    lab.wait_health("gw1", "down")

    call = lab.call("100")
    invite = gw1.wait_calls(1)[0]

    def say(code):
        lab.reactor.call(lambda: invite.channel.send(gw1.response(invite, code, None)))

    def pings_go_on():
        seen = len(gw1.options)
        lab.wait(lambda: len(gw1.options) >= seen + 4, "pings")
        return gw1.options[-1]
    assert pings_go_on().channel is invite.channel
    say(180)
    lab.wait(lambda: 180 in call.codes, "it rings")
    assert pings_go_on().channel is invite.channel
    say(200)
    call.wait_final()
    assert call.codes == [180, 200] and call.bye() == 200
    lab.wait(lambda: gw1.options[-1].channel is not invite.channel, "a ping on another line")
