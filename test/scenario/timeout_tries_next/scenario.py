"""A gateway that answers nothing costs the caller one try-timeout, not 30 seconds.

try-timeout is 500 ms here, through tm's own timer (its tick is 62.5 ms): the row
"no reply at all within try_timeout" of design section 6.
"""


def story(lab):
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.blackhole()

    call = lab.place("100")
    assert call.finals == [200]
    assert 430 <= call.pdd_ms < 1000
    assert [len(g.calls) for g in (gw1, gw2, gw3)] == [1, 1, 0]
    assert gw1.cancels == []  # nothing provisional came: RFC 3261 9.1 forbids CANCEL
    first = lab.dst("gw1")
    assert (first["attempts"], first["failed"], first["timeouts"]) == (1, 1, 1)

    gw2.close()  # a dead UDP port is silence as well, unless ICMP is heard
    call = lab.place("101")
    assert call.finals == [200] and len(gw3.calls) == 1
    assert call.pdd_ms < 1800
    assert lab.dst("gw2")["failed"] == 1

    gw2.open()
    gw1.trying()  # a 100 proves that something listens: no failover by try-timeout
    call = lab.call("102")
    lab.wait(lambda: len(gw1.calls) == 3, "the INVITE at gw1")
    assert call.cancel() == 200
    assert call.wait_final() == 487
    assert len(gw2.calls) == 1
