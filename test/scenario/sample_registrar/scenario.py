"""etc/kamailio-registrar.cfg as it is: a user's REGISTER and calls meet at one registrar.

A registrar that is gone moves only its own users; Path leads calls back to the phone;
a registrar's refusal is the phone's answer.
"""
from pathlib import Path

USERS = [str(user) for user in range(200, 230)]


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
    gateways[0].reject(403)
    lab.place(mine, method="REGISTER", expect=403)

    # a registrar calls the phone along the Path of its REGISTER
    phone = lab.gateway("gw5")
    call = lab.place("phone", source=gateways[1].host, uri=f"sip:phone@{phone.host}:5060",
                     headers={"Route": f"<sip:{lab.slot.kam};lr>"})
    assert call.finals == [200] and len(phone.calls) == 1

    lab.kamcmd("failover_route.set_admin", "registrars", "*", "maint")
    lab.allow_log("no registrar")
    assert lab.place(mine, method="REGISTER", expect=503).final.get("retry-after") == "30"
