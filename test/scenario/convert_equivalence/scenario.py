"""Dispatcher, then what `failover-route convert` makes of its list and of its script.

Both get the same Call-IDs and tell in which order they would try the destinations: the
shares of first choices agree, serial order is the same call by call, who had no share
stays for failover only, and odd lines mean what they meant.
"""
import collections
import socket
import xml.etree.ElementTree as ET

from lib.converted import from_dispatcher

LIMIT = 240
CALLS = 600
SETS = {1: "8", 2: "4", 3: "9", 4: "11", 5: "0", 6: "3"}
LIST = '''# serial: the higher priority first, of one priority the last line first
1 sip:127.0.50.1:5060 0 5
1 sip:127.0.50.2:5060 0 20
1 sip:127.0.50.3:5060 0 5
1 sip:127.0.50.4:5060 4 50
# round robin
2 sip:127.0.50.1:5060
2 sip:127.0.50.2:5060
2 sip:127.0.50.3:5060
# weights of 100 together, one over that, one without
3 sip:127.0.50.1:5060 0 9 weight=60
3 sip:127.0.50.2:5060 0 8 weight=30;duid=two words are cut
3 sip:127.0.50.3:5060 0 7 weight=30
3 sip:127.0.50.4:5060 0 6 weight=150
# relative weights
4 sip:127.0.50.1:5060 0 0 rweight=50
4 sip:127.0.50.2:5060 0 0 rweight=100
4 sip:127.0.50.3:5060
# hashes
5 sip:127.0.50.1:5060
5 sip:127.0.50.2:5060
5 sip:127.0.50.3:5060
5 sip:127.0.50.4:5060
6 sip:127.0.50.1:5060
6 127.0.50.2:5060 0x10 7 weight=3
6 sip:127.0.50.3:5060 0 0 duid="x"y
6 sip:127.0.50.4:5060 0 0 duid="x";a='b'
# never selected; only read
7sip:127.0.50.1:5060
7 sip:127.0.50.2:5060 0 0 a=1,b="
7 sip:127.0.50.3:5060 0 0 a;b;=c;d=
7 sip:127.0.50.4:5060 0 0 a=;b
7 sip:127.0.50.5:5060 0 0 a=1;;b
7 sip:127.0.50.6:5060 0 0 weight=12abc;a=1;
7 sip:127.0.50.7:5060#0 0 a="
7 sip:127.0.50.8:5060 5x
7 sip:127.0.50.9:5060 0 0 a="q\\"x";b='
7 sip:127.0.50.10:5060 0 0 a="q\\"x"
'''
DISPATCHER = '''loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "${work}/dispatcher.list")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "xavp_dst", "_dsdst_")'''
ROUTE = "$var(order) = \"none\";\n\tswitch ($rU) {\n" + "".join(
    f'\t\tcase "{s}": if (ds_select_dst("{s}", "{a}")) $var(order) = $xavp(_dsdst_=>uri); break;\n'
    for s, a in SETS.items()) + '''	}
	if ($var(order) != "none") {
		while (ds_next_dst()) $var(order) = $var(order) + " " + $xavp(_dsdst_=>uri);
	}
	append_to_reply("X-Order: $var(order)\\r\\n");
	sl_send_reply("404", "Not Here");'''


class Asker:
    def __init__(self, lab):
        self.target = (lab.slot.kam, 5060)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((lab.slot.caller, 0))
        self.socket.settimeout(1)
        self.local = "%s:%d" % self.socket.getsockname()

    def order(self, number, call_id):
        """The destinations' addresses, in the order in which they would be tried."""
        request = "\r\n".join([
            f"OPTIONS sip:{number}@{self.target[0]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.local};branch=z9hG4bK{call_id}{number}", "Max-Forwards: 9",
            f"From: <sip:a@x.example>;tag={call_id}", f"To: <sip:{number}@x.example>",
            f"Call-ID: {call_id}", "CSeq: 1 OPTIONS", "Content-Length: 0", "", ""]).encode()
        for _ in range(20):
            self.socket.sendto(request, self.target)
            try:
                while True:
                    reply = self.socket.recv(65536).decode()
                    if f"Call-ID: {call_id}\r\n" in reply:
                        line = next(l for l in reply.split("\r\n") if l.startswith("X-Order: "))
                        return tuple(u.split(":")[1] for u in line.split()[1:] if u != "none")
            except TimeoutError:
                continue
        raise AssertionError(f"no answer to {call_id}")


def ask_all(lab):
    asker = Asker(lab)
    return {s: [asker.order(s, f"equal-{n}") for n in range(CALLS)] for s in SETS}


def shares(orders):
    firsts = collections.Counter(o[0] for o in orders)
    return {gw: n / len(orders) for gw, n in firsts.items()}


def loaded(lab):
    """What dispatcher has in memory: {set: URIs}."""
    records = lab.rpc("dispatcher.list")["RECORDS"]
    return {r["SET"]["ID"]: sorted(t["DEST"]["URI"] for t in r["SET"]["TARGETS"]) for r in records}


def story(lab):
    lab.allow_log("bad uri", "not in 1-100 range", "Invalid character", "cannot set attributes",
                  "parsing param", "failed to", "Error while parsing")
    (lab.work / "dispatcher.list").write_text(LIST)
    lab.start(module=DISPATCHER, relay=ROUTE, modules=())
    in_memory = loaded(lab)
    old = ask_all(lab)
    lab.stop()

    xml = from_dispatcher(lab)
    # every request here asks for all destinations: far beyond any budget of retries
    (lab.work / "failover_route.xml").write_text(
        xml.replace("<set ", '<set retry-budget-min="1000000" '))
    cfg = (lab.work / "kamailio.cfg").read_text()
    assert "ds_" not in cfg and "frt_next()" in cfg
    lab.kamailio.start()
    new = ask_all(lab)

    # every line that dispatcher takes is there, and no other
    converted = {int(s.get("number")): sorted(d.get("uri") for d in s.iter("destination"))
                 for s in ET.fromstring(xml.encode())}
    assert converted == in_memory

    assert old[1] == new[1] and set(old[1]) == {("127.0.50.2", "127.0.50.3", "127.0.50.1")}
    for number in (2, 3, 4, 5):
        then, now = shares(old[number]), shares(new[number])
        # hashes scatter, draws too: four standard deviations of 600
        slack = 0.08 if number < 5 else 0.12
        for gw in then.keys() | now.keys():
            assert abs(then.get(gw, 0) - now.get(gw, 0)) < slack, (number, then, now)
    # a call fails over to each of the others, once
    for number in SETS:
        assert {frozenset(o) for o in old[number]} == {frozenset(o) for o in new[number]}
        assert all(len(set(o)) == len(o) for o in new[number])
    # no share: never first; with a hash the same key meets the same destination
    assert all(o[0] != "127.0.50.4" and o[-1] == "127.0.50.4" for o in new[3])
    assert all(o[-1] == "127.0.50.3" for o in new[4])
    asker = Asker(lab)
    assert [asker.order(5, f"equal-{n}") for n in range(50)] == new[5][:50]
    # one R-URI, one destination, at both
    assert len({o[0] for o in old[6]}) == len({o[0] for o in new[6]}) == 1
