"""The lab of one scenario: what a story can use. See the README beside it."""
import shutil
import time
from pathlib import Path

from . import addresses, certificate
from .caller import Call
from .dns import Dnsmasq, HostileDns, can_mount
from .gateway import Gateway
from .kamailio import Kamailio
from .logfile import LogFile
from .reactor import Reactor
from .rpc import RpcFault
from .sipp import Load, SippGateway
from .template import fill
from .terminal import Terminal
from .waiting import Timeout, wait_until

HERE = Path(__file__).parent
MODULE_PATHS = ("/usr/lib/x86_64-linux-gnu/kamailio/modules",
                "/usr/lib/aarch64-linux-gnu/kamailio/modules", "/usr/lib64/kamailio/modules")

FRT_MODULE = '''loadmodule "${module_file}"
modparam("failover_route", "config_file", "${config_file}")
modparam("failover_route", "state_file", "${work}/state")'''

TLS_PARAMS = '''modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "${work}/tls.pem")
modparam("tls", "private_key", "${work}/tls.key")
modparam("tls", "verify_certificate", 0)
modparam("tls", "require_certificate", 0)
'''

# As an engineer would write it: what the module could not send is answered once.
RELAY = '''if (!frt_relay("carriers")) {
		send_reply("500", "No destination");
	}'''


class Skip(Exception):
    """The scenario cannot run on this machine."""


class Lab:
    RpcFault, Timeout, Skip = RpcFault, Timeout, Skip
    SHM_ROUNDING = 128  # bytes, see count_shm()

    def __init__(self, folder, work, root, module_file=None):
        self.folder, self.work, self.root = Path(folder), Path(work), Path(root)
        self.slot = addresses.Slot()
        self.reactor = Reactor()
        self.log = LogFile(self.work / "kamailio.log")
        self.kamailio = Kamailio(self.work, self.slot.kam, self.log)
        self.gateways, self._calls, self._sipp, self._loads = {}, [], [], 0
        self._tls = None
        self._dns = []
        self._terminals = []
        self.variables = {
            **self.slot.variables(), "work": str(self.work), "root": str(self.root),
            "mpath": ":".join(p for p in MODULE_PATHS if Path(p).is_dir()),
            "module_file": str(module_file or self.root / "build/failover_route.so"),
            "config_file": str(self.work / "failover_route.xml")}
        self.wait = wait_until

    # --- files ----------------------------------------------------------------

    def render(self, name, to=None, **variables):
        """Fills a file of the story's folder, or the shared default, into the work folder."""
        source = self.folder / name
        if not source.exists():
            source = HERE / name
        target = self.work / (to or name)
        target.write_text(fill(source.read_text(), {**self.variables, **variables}))
        return target

    def edit_xml(self, *changes):
        """Replaces text in the rendered failover_route.xml: pairs (old, new)."""
        path = self.work / "failover_route.xml"
        text = path.read_text()
        for old, new in changes:
            old, new = fill(old, self.variables), fill(new, self.variables)
            if old not in text:
                raise AssertionError(f"edit_xml: {old!r} is not in {path.name}")
            text = text.replace(old, new)
        path.write_text(text)

    # --- Kamailio -------------------------------------------------------------

    def configure(self, modules=(), modparams="", before="", relay=RELAY, routes="", listen="",
                  in_dialog="t_relay();", http="", module=FRT_MODULE, xml="failover_route.xml", ipv6=False,
                  tls=False, **variables):
        """Writes the XML and the cfg. Without a module the XML is left out.

        before: statements ahead of relay; relay: instead of the frt_relay line;
        in_dialog: what a request of a call gets after loose_route(); http: what
        an HTTP request that is no RPC gets; routes: whole route blocks. Extra variables reach both files."""
        if ipv6:
            self.need_ipv6()
            listen += "listen=udp:${kam6}\nlisten=tcp:${kam6}\n"
        if tls:
            self.make_certificate()
            listen += "listen=tls:${kam}:5061\n"
            modules = ("tls", *modules)
            modparams = TLS_PARAMS + modparams
        variables["enable_tls"] = "yes" if tls else "no"
        if module:
            self.render(xml, "failover_route.xml", **variables)
        self.render("kamailio.cfg", before=before, relay=relay, routes=routes, listen=listen,
                    in_dialog=in_dialog, http=http, modules="".join(f'loadmodule "{m}.so"\n' for m in modules),
                    module=module, modparams=modparams, **variables)

    def start(self, shm_mb=64, without=(), **parts):
        """configure() and start; returns when Kamailio answers. without: capabilities
        it is not given, such as "net_raw"."""
        self.kamailio.without = without
        self.configure(**parts)
        self.kamailio.start(shm_mb)
        return self

    def refuses_to_start(self, **parts):
        """The exit code of a Kamailio that must end at start."""
        self.log.allow(".*")
        self.configure(**parts)
        return self.kamailio.refuses_to_start()

    def stop(self):
        self.kamailio.stop()

    def restart(self):
        self.kamailio.restart()

    def kill(self):
        self.kamailio.kill()

    def make_certificate(self):
        """A self-signed one that Kamailio and the gateways share; gateways made from now on
        listen for TLS, too, on port 5061."""
        if self._tls is None:
            self._tls = certificate.make(self.work)
        return self._tls

    def knows(self, parameter, module=None):
        """Does this Kamailio, or its module, have that parameter? Other releases may not."""
        files = ([Path(p) / f"{module}.so" for p in self.variables["mpath"].split(":")] if module
                 else [Path(shutil.which("kamailio"))])
        return parameter.encode() in next(f for f in files if f.exists()).read_bytes()

    def need_ipv6(self):
        if not addresses.has_ipv6():
            raise Skip("no IPv6 on this machine")

    def dns(self, records=(), hostile=False, ttl=1, start=True, timeout=1):
        """A DNS server that Kamailio asks, and nobody else: dnsmasq, or with hostile the
        one that misbehaves. Before start(); ttl is dnsmasq's, for every record."""
        if not can_mount():
            raise Skip("no mount namespace: not root?")
        self.kamailio.resolv_conf = self.work / "resolv.conf"
        self.kamailio.resolv_conf.write_text(
            f"nameserver {self.slot.dns}\noptions timeout:{timeout} attempts:1\n")
        if not start:
            return None
        records = self.filled(records)
        server = (HostileDns(self.slot.dns, records) if hostile
                  else Dnsmasq(self.work, self.slot.dns, records, ttl))
        self._dns.append(server)
        return server

    def filled(self, records):
        """DNS records with their ${gw1} and so on filled in."""
        def text(value):
            return fill(value, self.variables) if isinstance(value, str) else value
        return {key: [tuple(text(v) for v in row) for row in rows]
                for key, rows in dict(records).items()}

    # --- gateways, callers ----------------------------------------------------

    def gateway(self, name, ipv6=False, port=None, transports=("udp", "tcp")):
        """A scriptable gateway at ${name} (or ${name_6} on ::1)."""
        if ipv6:
            host, port = "::1", self.slot.port6(f"{name}")
        else:
            host = self.slot.gateway(name)
        gateway = Gateway(self.reactor, name, host, port or addresses.SIP_PORT, transports,
                          self._tls)
        self.gateways[f"{name}:{port}" if port else name] = gateway
        return gateway

    def gateways_named(self, *names):
        return [self.gateway(n) for n in names]

    def wait_closed(self, gateway):
        """Until Kamailio has seen each TCP connection to it close: a call that is sent on one
        before that is moved on, and its failure is not the destination's."""
        self.wait(lambda: gateway.host not in str(self.rpc("core.tcp_list")),
                  f"Kamailio has no connection to {gateway.name}")

    def sipp_gateway(self, name, scenario="answer", **options):
        gateway = SippGateway(self.work, name, self.slot.gateway(name), scenario, **options)
        self._sipp.append(gateway)
        return gateway

    def call(self, user="100", method="INVITE", ipv6=False, source=None,
             port=addresses.SIP_PORT, **options):
        """Places a call and returns at once. source: the address to call from; port:
        Kamailio's."""
        if ipv6:
            target, local = ("::1", self.slot.port6("kam")), "::1"
        else:
            target, local = (self.slot.kam, port), source or self.slot.caller
        call = Call(self.reactor, target, local, user, method, **options)
        self._calls.append(call)
        return call

    def forget(self, call):
        """Gives back what a call that has ended holds; nothing is answered on it any more."""
        call.close()
        self._calls.remove(call)

    def place(self, user="100", expect=200, limit=20, **options):
        """A whole call: waits for its final code, which must be the expected one,
        and hangs up. Returns the call."""
        call = self.call(user, **options)
        call.wait_final(limit)
        if call.status != expect:
            raise AssertionError(f"{call.method} to {user}: expected {expect}, got {call.codes}")
        if call.status == 200 and call.method == "INVITE":
            status = call.bye()
            if status != 200:
                raise AssertionError(f"BYE of the call to {user}: got {status}")
        return call

    def place_many(self, users, expect=200, **options):
        return [self.place(str(user), expect, **options) for user in users]

    def load(self, rate, seconds, users=range(1000, 1050), **options):
        """A SIPp load; returns when it runs."""
        self._loads += 1
        load = Load(self.work / f"load{self._loads}", self.slot.load,
                    (self.slot.kam, addresses.SIP_PORT), rate, seconds, users,
                    port=addresses.SIP_PORT + self._loads - 1, **options)
        self._sipp.append(load)
        return load

    def terminal(self, *argv, columns=120, lines=30):
        """A terminal with a program in it; one at a time."""
        while self._terminals:
            self._terminals.pop().close()
        self._terminals.append(Terminal(self.work, argv, columns, lines))
        return self._terminals[0]

    # --- RPC ------------------------------------------------------------------

    def rpc(self, method, *params, **options):
        return self.kamailio.rpc.json(method, *params, **options)

    def kamcmd(self, *args):
        return self.kamailio.rpc.kamcmd(*args)

    def fault(self, method, *params):
        """The RpcFault that this command must give."""
        try:
            answer = self.rpc(method, *params)
        except RpcFault as fault:
            return fault
        raise AssertionError(f"{method} {params} should have failed, answered {answer!r:.200}")

    def set(self, set_id="carriers"):
        """The set as failover_route.list tells it."""
        sets = self.rpc("failover_route.list", set_id)["sets"]
        return next(s for s in sets if s["id"] == set_id)

    def dst(self, dst_id, set_id="carriers"):
        """One destination as failover_route.list tells it."""
        for destination in self.set(set_id)["destinations"]:
            if destination["id"] == dst_id:
                return destination
        raise AssertionError(f"no destination {dst_id} in {set_id}")

    def health(self, dst_id, set_id="carriers"):
        return self.dst(dst_id, set_id)["health"]

    def wait_health(self, dst_id, health, set_id="carriers", limit=15):
        """Waits for a health word; returns the destination then."""
        def there():
            destination = self.dst(dst_id, set_id)
            return destination if destination["health"] == health else None
        return wait_until(there, f"{set_id}/{dst_id} is {health}", limit)

    def history(self, set_id="*", count=100):
        """Transitions, newest first."""
        return self.rpc("failover_route.history", set_id, count)["transitions"]

    def steps(self, dst_id, set_id="carriers"):
        """[(from, to), ...] of a destination's health, oldest first."""
        words = ("up", "down", "trial", "ramp")
        return [(t["from"], t["to"]) for t in reversed(self.history(set_id))
                if t["destination"] == dst_id and t["from"] in words and t["to"] in words]

    def explain(self, set_id="carriers", *key):
        return self.rpc("failover_route.explain", set_id, *key)

    def metric(self, name, set_id="carriers", dst_id=None):
        """A number of a set in the metrics ("calls" is failover_route_set_calls), or of one
        of its destinations."""
        series = (f'failover_route_destination_{name}{{set="{set_id}",destination="{dst_id}"'
                  if dst_id else f'failover_route_set_{name}{{set="{set_id}"')
        return next(int(line.split()[-1]) for line in
                    self.rpc("failover_route.metrics").splitlines() if line.startswith(series))

    def shm_bytes(self, module="failover_route", asked_by=""):
        """Shared memory a module holds now, in bytes; only what functions with this in
        their name have asked for."""
        return sum_numbers(self.rpc("mod.stats", module, "shm"), asked_by)

    def wait_transactions(self, **limit):
        """Until tm has none left."""
        self.wait(lambda: self.rpc("tm.stats")["current"] == 0, "tm has no transaction", **limit)

    def xavp_bytes(self):
        """Of the XAVPs that lie ready for other calls, or are in use by one."""
        return self.shm_bytes(asked_by="field_new")

    def count_shm(self):
        """Before start(), for stories that compare shared memory: Kamailio's default allocator
        hands out blocks of up to twice what was asked for, as it finds them, and counts all of
        them; with this one a block is at most SHM_ROUNDING bytes longer."""
        self.kamailio.allocators = ("-x", "tlsf")

    def shm_at_rest(self, steady=10, limit=60):
        """The same once tm has no transaction and nothing is kept for the next calls any more:
        what it has been for so many seconds, longer than the module keeps such things: it
        looks every 3 to 4 s, and at each one twice."""
        self.wait_transactions(limit=limit)
        seen = []

        def steadily():
            now, used = time.monotonic(), self.shm_bytes()
            if not seen or seen[0][1] != used:
                seen[:] = [(now, used)]
            return now - seen[0][0] >= steady
        self.wait(steadily, "shared memory stays as it is", limit, step=0.5)
        return seen[0][1]

    # --- the end --------------------------------------------------------------

    def allow_log(self, *regexes):
        self.log.allow(*regexes)

    def allow_refused(self):
        """What Kamailio itself logs when a TCP connection is refused or reset."""
        self.log.allow(r"tcpconn_1st_send\(\)", r"tcp_send failed", r"tcpconn_main_timeout",
                       r"tcp_read_data\(\)", r"tcp_read_req(\(\))?: error reading", r"tcpconn_send_put",
                       r"tcpconn_do_send", r"tcpconn_finish_connect", r"tcp_blocking_connect")

    def finish(self):
        """Kamailio must end well, and the log must be clean."""
        for load in self._sipp:
            if isinstance(load, Load) and load.running:
                load.close()
        if self.kamailio.running or self.kamailio._process is not None:
            self.kamailio.stop()
        problems = [f"in the log: {line}" for line in self.log.traps()]
        problems += [f"{p.name}: {p.read_text(errors='replace')[:300]}"
                     for p in self.work.glob("sanitizer.*")]
        problems += [f"in the test's own gateways: {e}" for e in self.reactor.errors]
        if problems:
            raise AssertionError(problems[0] + (f" (and {len(problems) - 1} more)"
                                                if len(problems) > 1 else ""))

    def close(self):
        """Ends everything, in whatever state it is."""
        self.kamailio.end()
        for terminal in self._terminals:
            terminal.close()
        for server in self._dns:
            server.close()
        for sipp in self._sipp:
            sipp.close()
        for part in [*self._calls, *self.gateways.values()]:
            try:
                part.close()
            except Exception:  # noqa: BLE001 the rest must be closed too
                pass
        self.reactor.close()


def sum_numbers(answer, asked_by=""):
    """mod.stats answers nested structures; the leaves named by function are bytes."""
    if isinstance(answer, dict):
        if "Total" in answer and asked_by:
            return sum(int(n) for name, n in answer.items() if asked_by in name)
        if "Total" in answer:
            return int(answer["Total"])
        return sum(sum_numbers(v, asked_by) for v in answer.values())
    if isinstance(answer, list):
        return sum(sum_numbers(v, asked_by) for v in answer)
    return 0


def fresh_folder(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path
