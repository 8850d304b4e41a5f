"""How each system is set up for the outages; README.md says why.

A row has gateways in tiers: [["gw1"], ["gw2"]] is a primary and a backup,
[["gw1", "gw2", "gw3"]] three equals.
"""
from ..systems import DS_ROUTES, FRT_LOAD, FRT_RELAY

DS_LOAD = '''loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "${work}/dispatcher.list")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "xavp_dst", "_dsdst_")
modparam("dispatcher", "xavp_ctx", "_dsctx_")
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_timer_mode", 1)
modparam("dispatcher", "ds_ping_interval", ${ping})
modparam("dispatcher", "ds_probing_threshold", 3)
modparam("dispatcher", "ds_inactive_threshold", ${rise})
modparam("dispatcher", "ds_ping_reply_codes", "class=2;class=3;code=403;code=404;code=405;code=488")
modparam("dispatcher", "reload_delta", 1)
modparam("tm", "fr_timer", ${fr})
modparam("tm", "fr_inv_timer", 30000)
'''
DS_RELAY = '''if (!ds_select_dst("1", "${algorithm}", "${limit}")) {
		send_reply("500", "No destination");
		exit;
	}
	t_on_failure("DS");
	t_relay();'''
FRT_SET = '''<set id="carriers" number="1" max-attempts="3" deadline="45s" try-timeout="2s"
     try-timeout-min="500ms" adaptive="${adaptive}" answer-timeout="30s">
<probe interval="5s"/>
<health hold="10s"/>
'''


class Dispatcher:
    rpc_reload = "dispatcher.reload"

    def __init__(self, name, label, fr_ms, ping_s, rise, limit):
        self.name, self.label = name, label
        self._values = {"fr": str(fr_ms), "ping": str(ping_s), "rise": str(rise),
                        "limit": str(limit)}

    def write(self, lab, tiers):
        equals = len(tiers) == 1
        lines = []
        for n, tier in enumerate(tiers):
            for gw in tier:
                lines.append(f"1 sip:{lab.slot.gateway(gw)}:5060 0 {len(tiers) - n}\n")
        (lab.work / "dispatcher.list").write_text("".join(lines))
        return {"load": DS_LOAD, "relay": DS_RELAY, "routes": DS_ROUTES,
                "algorithm": "4" if equals else "8", **self._values}

    def states(self, lab):
        """{address: takes calls?}"""
        records = lab.rpc("dispatcher.list")["RECORDS"]
        return {t["DEST"]["URI"].split(":")[1]: t["DEST"]["FLAGS"][0] in "AT"
                for r in records for t in r["SET"]["TARGETS"]}


class FailoverRoute:
    rpc_reload = "failover_route.reload"

    def __init__(self, name, label, adaptive):
        self.name, self.label, self._adaptive = name, label, adaptive

    def write(self, lab, tiers):
        lines = ['<failover-route version="1">\n', FRT_SET.replace("${adaptive}", self._adaptive)]
        for n, tier in enumerate(tiers, 1):
            for gw in tier:
                lines.append(f'<destination id="{gw}" uri="sip:{lab.slot.gateway(gw)}:5060" '
                             f'priority="{n}"/>\n')
        lines.append("</set>\n</failover-route>\n")
        (lab.work / "failover_route.xml").write_text("".join(lines))
        return {"load": FRT_LOAD, "relay": FRT_RELAY, "routes": ""}

    def states(self, lab):
        destinations = lab.rpc("failover_route.list", "carriers")["sets"][0]["destinations"]
        return {d["uri"].split(":")[1]: d["health"] in ("up", "ramp") for d in destinations}


SYSTEMS = {s.name: s for s in (
    Dispatcher("dispatcher", "dispatcher", fr_ms=2000, ping_s=5, rise=2, limit=3),
    Dispatcher("dispatcher-tuned", "dispatcher, tuned", fr_ms=500, ping_s=2, rise=3, limit=3),
    FailoverRoute("failover_route", "failover_route", adaptive="yes"),
    FailoverRoute("failover_route-fixed", "failover_route, fixed timers", adaptive="no"),
)}
DEFAULT = ("dispatcher", "dispatcher-tuned", "failover_route")
