"""Over TLS as over UDP and TCP: calls that wait on a dead gateway move on, and none is lost.

250 calls wait when the gateway goes down; 250 when their connection closes; then one
whose gateway takes the TCP connection and never answers the TLS handshake, or answers
it with something else. Each is counted once.
"""
import socket
import threading
import time

LIMIT = 120
CALLS = 250
COUNTERS = ("attempts", "failovers", "rescued", "failed", "timeouts")


def waiting(lab, gw1, gw2, first):
    gw1.clear(), gw2.clear()
    calls = [lab.call(str(first + i)) for i in range(CALLS)]
    gw1.wait_calls(CALLS, limit=30)
    assert {r.transport for r in gw1.calls} == {"tls"}
    return calls


def all_arrive(lab, calls, gw1, gw2, before, since):
    for call in calls:
        assert call.wait_final(30) == 200 and call.finals == [200]
    spent = time.monotonic() - since
    assert spent < 6.0, spent  # the try-timeout is 8 s
    assert sorted(gw2.users) == sorted(c.user for c in calls)
    assert {r.transport for r in gw2.calls} == {"tls"}
    for call in calls:
        assert call.bye() == 200
        call.close()
    after = lab.dst("gw1")
    grown = {name: after[name] - before[name] for name in COUNTERS}
    assert grown == {"attempts": CALLS, "failovers": CALLS, "rescued": CALLS,
                     "failed": 0, "timeouts": 0}
    assert after["calls"] == 0 and lab.dst("gw2")["calls"] == 0


def answering(host, port, answer):
    """A listener that sends this to whoever connects, then nothing."""
    server = socket.create_server((host, port))
    held = []

    def serve():
        try:
            while True:
                peer, _ = server.accept()
                held.append(peer)
                if answer:
                    peer.sendall(answer)
        except OSError:
            pass
    threading.Thread(target=serve, daemon=True).start()
    def stop():
        server.shutdown(socket.SHUT_RDWR)  # ends accept(), too
        for each in [server, *held]:
            each.close()
    return stop


def story(lab):
    lab.start(tls=True, shm_mb=128)
    lab.allow_refused()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.deaf()

    calls = waiting(lab, gw1, gw2, 1000)
    before, since = lab.dst("gw1"), time.monotonic()
    before["attempts"] -= CALLS
    lab.rpc("failover_route.set_health", "carriers", "gw1", "down")
    all_arrive(lab, calls, gw1, gw2, before, since)
    spread = gw2.calls[-1].time - gw2.calls[0].time
    assert 0.35 < spread < 4.0, spread  # paced: seven ticks of 62 ms at least
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")

    calls = waiting(lab, gw1, gw2, 2000)
    before, since = lab.dst("gw1"), time.monotonic()
    before["attempts"] -= CALLS
    gw1.drop()
    all_arrive(lab, calls, gw1, gw2, before, since)
    assert lab.health("gw1") == "up"  # one closed connection is one strong fail, not 250

    # the handshake never ends, or fails: no call waits for ever
    lab.allow_log(r"tls", r"TLS", r"tcp")
    gw1.close()
    stop = answering(gw1.host, 5061, b"SIP/2.0 400 This is not TLS\r\n\r\n")
    call = lab.place("3000")
    assert call.final_ms < 7000 and call.finals == [200]
    stop()
    lab.rpc("failover_route.set_health", "carriers", "gw1", "up")
    stop = answering(gw1.host, 5061, b"")
    call = lab.place("3001")
    assert call.final_ms < 10000 and call.finals == [200]
    stop()
    assert gw3.requests == []
