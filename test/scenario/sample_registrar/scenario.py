"""etc/kamailio-registrar.cfg as it is: a user's REGISTER and calls meet at one registrar.

A registrar that is gone moves only its own users; Path leads calls back to the phone;
a registrar's refusal is the phone's answer. A phone behind NAT gets what belongs to its calls.
"""
from pathlib import Path

from lib import forged

USERS = [str(user) for user in range(200, 230)]
PRIVATE = "sip:phone@192.0.2.9:1024"  # what a phone behind NAT takes itself for: leads nowhere


def where(gateways, user, method):
    """The gateways that saw the last request of this user."""
    return [g.name for g in gateways if any(
        r.method == method and f"sip:{user}@" in r.get("to") for r in g.requests)]


def registered(lab, gateways):
    """{user: the one registrar that has his REGISTER}"""
    for gateway in gateways:
        gateway.requests.clear()
    for user in USERS:
        lab.place(user, method="REGISTER")
    at = {user: where(gateways, user, "REGISTER") for user in USERS}
    assert all(len(names) == 1 for names in at.values()), at
    return {user: names[0] for user, names in at.items()}


def call_phone(lab, registrar, phone):
    """A registrar's call to the phone, along the Path of its REGISTER."""
    return lab.call("phone", source=registrar.host, uri=f"sip:phone@{phone.host}:5060",
                    headers={"Route": f"<sip:{lab.slot.kam};lr>"})


def nat_called(lab, registrar, phone):
    """ACK, re-INVITE and BYE find a called phone; what is added on the way is taken away again."""
    phone.clear()
    phone.contact = lambda request: PRIVATE
    call = call_phone(lab, registrar, phone)
    assert call.wait_final() == 200
    lab.wait(lambda: len(phone.acks) == 1, "the phone has its ACK")
    assert call.reinvite() == 200
    lab.wait(lambda: len(phone.acks) == 2, "and that of the re-INVITE")
    assert call.bye() == 200
    assert {r.uri for r in phone.requests if r.in_dialog} == {PRIVATE}


def nat_calling(lab, user, registrar):
    """The same for a phone that calls, and to what it was moved to."""
    call = lab.call(user, contact=PRIVATE)
    assert call.wait_final() == 200 and call.reinvite() == 200
    contacts = [r.get("contact") for r in registrar.requests
                if r.method == "INVITE" and r.call_id == call.call_id]
    assert len(contacts) == 2 and all(";alias=" in c for c in contacts), contacts
    assert registrar.hangup(registrar.calls[-1]).wait() == 200
    assert [(r.method, r.uri) for r in call.requests] == [("BYE", PRIVATE)]


def story(lab):
    lab.kamailio.rpc.ctl_socket = lab.work / "kamailio_ctl"
    lab.start(module_folder=str(Path(lab.variables["module_file"]).parent))
    gateways = lab.gateways_named("gw1", "gw2", "gw3")

    home = registered(lab, gateways)
    assert len(set(home.values())) == 3
    for user in USERS[:8]:
        lab.place(user)
        assert where(gateways, user, "INVITE") == [home[user]]
    path = next(r for r in gateways[0].requests if r.method == "REGISTER").get("path")
    assert lab.slot.kam in path and ";lr" in path
    assert not any("alias" in r.get("contact") for g in gateways for r in g.requests)

    # one is taken out: its users spread, nobody else moves
    lab.kamcmd("failover_route.set_admin", "registrars", "gw1", "maint")
    now = registered(lab, gateways)
    assert {u for u in USERS if now[u] != home[u]} == {u for u in USERS if home[u] == "gw1"}
    lab.kamcmd("failover_route.set_admin", "registrars", "gw1", "ready")
    assert registered(lab, gateways) == home

    # it refuses as overloaded: the phone registers elsewhere; 403 is the answer
    gateways[0].reject(503)
    mine = next(u for u in USERS if home[u] == "gw1")
    lab.place(mine, method="REGISTER")
    nat_calling(lab, mine, next(g for g in gateways[1:] if where([g], mine, "REGISTER")))
    gateways[0].reject(403)
    lab.place(mine, method="REGISTER", expect=403)

    # a registrar calls the phone along the Path of its REGISTER
    phone = lab.gateway("gw5")
    call = call_phone(lab, gateways[1], phone)
    assert call.wait_final() == 200 and call.bye() == 200
    assert call.finals == [200] and len(phone.calls) == 1
    nat_called(lab, gateways[1], phone)

    # over TCP to a registrar on UDP: two Record-Route headers, of which either may come first
    call = lab.call(next(u for u in USERS if home[u] == "gw2"), transport="tcp")
    assert call.wait_final() == 200
    assert sum(";sum=" in r for r in call.final.all("record-route")) == 2
    assert call.reinvite() == 200
    assert call.bye() == 200
    forged.refused(lab, phone, 403)

    lab.kamcmd("failover_route.set_admin", "registrars", "*", "maint")
    lab.allow_log("no registrar")
    assert lab.place(mine, method="REGISTER", expect=503).final.get("retry-after") == "30"
