"""A caller hangs up while the request waits for a connection, which then is not made.

Without tcp_async the worker itself waits. tm has no timer for a branch that was never sent, so
nobody else would answer the caller, nor end the transaction and give the place back.
"""
from ipaddress import IPv4Address

from lib.full import Full

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^2") $var(set) = "moved";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''


def hexed(host):
    return IPv4Address(host).packed[::-1].hex().upper()


def is_connecting(source, target):
    """Has a SYN gone there that waits for its answer?"""
    with open("/proc/net/tcp") as table:
        ends = [line.split()[1:4] for line in table]
    return any(state == "02" and local.startswith(hexed(source)) and remote.startswith(hexed(target))
               for local, remote, state in ends)


def story(lab):
    lab.start(listen="tcp_async=no\n", relay=RELAY)
    gw2, gw3 = lab.gateways_named("gw2", "gw3")
    gw3.reject(503)
    with Full(lab, "gw1"):
        # the second comes from gw3, whose 503 was there before the CANCEL
        for user, set_id, finals in (("100", "carriers", [487]), ("200", "moved", [500])):
            call = lab.call(user)
            lab.wait(lambda: is_connecting(lab.slot.kam, lab.slot.gateway("gw1")), "the call is on its way")
            assert lab.dst("gw1", set_id)["calls"] == 1
            assert call.cancel() == 200
            call.wait_final()
            assert call.finals == finals
            lab.wait(lambda: lab.dst("gw1", set_id)["calls"] == 0, "its place is free")
            told = lab.dst("gw1", set_id)
            assert (told["attempts"], told["failed"], told["health"]) == (1, 0, "up")
        assert gw3.users == ["200"]
        lab.wait_transactions()

        # who waits on is moved on
        assert lab.place("101").finals == [200]
        assert gw2.users == ["101"] and lab.dst("gw1")["failed"] == 1
