"""A TCP connection that never comes about, or closes while tcpops has the event, is noticed.

Until Kamailio 6.1 one module may have the event of closed connections, and a connect that
times out makes no event at all. So the module also asks, four times a second, whether the
connection is still there that a call waits on.
"""
import socket


def story(lab):
    lab.start(modules=("tcpops",))
    lab.allow_refused()
    lab.allow_log(r"tcp_main", r"connect .*failed", r"tcpconn")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    gw1.deaf()
    calls = [lab.call(str(100 + i)) for i in range(20)]
    gw1.wait_calls(20)
    gw1.close()
    for call in calls:
        assert call.wait_final() == 200 and call.final_ms < 6000
        call.bye()
    told = lab.dst("gw1")
    assert (told["rescued"], told["failed"]) == (20, 0)

    # a listener whose queue is full: SYNs are lost, tcp_connect_timeout is 2 s
    full = socket.socket()
    full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    full.bind((gw1.host, 5060))
    full.listen(0)
    guests = [socket.socket() for _ in range(4)]
    for guest in guests:
        guest.setblocking(False)
        guest.connect_ex((gw1.host, 5060))
    call = lab.call("200")
    assert call.wait_final(30) == 200 and 1000 < call.final_ms < 7000  # not 8 s
    assert call.finals == [200]
    call.bye()
    for each in [full, *guests]:
        each.close()
