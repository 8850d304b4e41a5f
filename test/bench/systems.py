"""What is compared: the same Kamailio with a fixed $du (the floor), with
dispatcher, with dispatcher tuned, and with failover_route.

Each gets the same destinations. dispatcher fails over in a failure_route, as
its documentation shows; failover_route needs none.
"""
from dataclasses import dataclass

DS_LOAD = '''loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "${work}/dispatcher.list")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "xavp_dst", "_dsdst_")
modparam("dispatcher", "xavp_ctx", "_dsctx_")
modparam("dispatcher", "reload_delta", 0)
'''
DS_RELAY = '''if (!ds_select_dst("1", "4"${limit})) {
		send_reply("500", "No destination");
		exit;
	}
	t_on_failure("DS");
	t_relay();'''
DS_ROUTES = '''failure_route[DS] {
	if (t_is_canceled()) exit;
	if (t_check_status("408|5[0-9][0-9]")) {
		ds_mark_dst("ip");
		if (ds_next_dst()) {
			t_on_failure("DS");
			t_relay();
		}
	}
}'''
FRT_LOAD = '''loadmodule "${module_file}"
modparam("failover_route", "config_file", "${work}/failover_route.xml")
'''
FRT_NO_XAVP = '''modparam("failover_route", "xavp", "")
'''
FRT_RELAY = '''if (!frt_relay("carriers")) send_reply("500", "No destination");'''
FLOOR_RELAY = '''$du = "${first}";
	t_relay();'''


@dataclass(frozen=True)
class System:
    name: str
    kind: str  # floor, dispatcher or failover_route
    limit: str = ""  # dispatcher's third parameter of ds_select_dst
    label: str = ""
    colour: str = ""  # in pictures
    load: str = ""  # more modparams

    def parts(self):
        """What goes into kamailio.cfg."""
        if self.kind == "floor":
            return {"load": "", "relay": FLOOR_RELAY, "routes": ""}
        if self.kind == "dispatcher":
            return {"load": DS_LOAD, "relay": DS_RELAY.replace("${limit}", self.limit),
                    "routes": DS_ROUTES}
        return {"load": FRT_LOAD + self.load, "relay": FRT_RELAY, "routes": ""}


FLOOR = System("floor", "floor", "", "fixed $du", "#829ab1")
DISPATCHER = System("dispatcher", "dispatcher", "", "dispatcher", "#c65d21")
DISPATCHER_LIMIT = System("dispatcher-limit-3", "dispatcher", ', "3"', "dispatcher, limit 3",
                          "#e0a458")
FAILOVER_ROUTE = System("failover_route", "failover_route", "", "failover_route", "#2f7f79")
# What its fields for scripts and acc cost is seen without.
NO_XAVP = System("failover_route-no-xavp", "failover_route", "", "failover_route, xavp \"\"",
                 "#8fc1bd", FRT_NO_XAVP)
ALL = (FLOOR, DISPATCHER, DISPATCHER_LIMIT, FAILOVER_ROUTE)
BY_NAME = {s.name: s for s in (*ALL, NO_XAVP)}


def spread(uris, sets):
    """Into so many sets of the same size: [[uri, ...], ...]"""
    size = len(uris) // sets
    return [uris[i * size:(i + 1) * size] for i in range(sets)]


def write_table(system, folder, groups, probe=""):
    """The file the system loads its destinations from, in one or more sets. probe:
    what the <probe> of failover_route says; dispatcher's is in its parameters."""
    if system.kind == "dispatcher":
        text = "".join(f"{n} {uri} 0 0\n" for n, uris in enumerate(groups, 1) for uri in uris)
        (folder / "dispatcher.list").write_text(text)
    elif system.kind == "failover_route":
        out = ['<failover-route version="1">\n']
        for n, uris in enumerate(groups, 1):
            set_id = "carriers" if n == 1 else f"set{n}"
            out.append(f'<set id="{set_id}" number="{n}">\n'
                       f'<probe {probe or "enabled=" + chr(34) + "no" + chr(34)}/>\n')
            out += [f'<destination id="d{i}" uri="{uri}"/>\n' for i, uri in enumerate(uris, 1)]
            out.append("</set>\n")
        out.append("</failover-route>\n")
        (folder / "failover_route.xml").write_text("".join(out))
