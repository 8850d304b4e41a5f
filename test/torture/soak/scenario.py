"""Everything at once, at random, for TORTURE_SECONDS, and nothing is lost, kept or miscounted.

Calls, texts, cancels and re-INVITEs; gateways that die, limp, fall silent and return; the
DNS that changes and fails; a state file on a disk that is full now and then; reloads; RPC of
every kind, good and bad, from four clients. gw4 is always there: each call has exactly one
end. Afterwards every attempt has one outcome, no transaction is left, and what is held of
shared and private memory is what was held after a third of the time.

TORTURE_SEED repeats what was drawn; the order in which processes get to it does not repeat.
"""
import os
import random
import re
import time

from lib.disk import SmallDisk
from lib.operators import Operators

LIMIT = 150
SECONDS = int(os.environ.get("TORTURE_SECONDS", "30"))
SEED = int(os.environ.get("TORTURE_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
CHAOS = ("gw1", "gw2", "gw3")
NAMES = ("gw1", "gw2", "gw3", "gw4")
POOLS = [[(1, "${gw5}")], [(1, "${gw5}"), (1, "${gw6}")], [(1, "${gw6}")]]
HEADERS = [{"Retry-After": "99999999999"}, {"Retry-After": "1"}, {"Reason": 'Q.850;cause=34;text="x'},
           {"Retry-After": "-5 (no)"}, None, None, None]

MODULE = '''loadmodule "${module_file}"
modparam("failover_route", "config_file", "${config_file}")
modparam("failover_route", "state_file", "${work}/disk/state")
modparam("failover_route", "history_size", 5000)'''

RELAY = '''$var(set) = "carriers";
	if ($rU =~ "^9") $var(set) = "both";
	if (!frt_relay("$var(set)")) send_reply("500", "No destination");'''


class Callers:
    """Calls of every kind; each must end once, in a way that is called for."""

    def __init__(self, lab, dice):
        self.lab, self.dice, self.open, self.ended, self.done = lab, dice, [], [], {}

    def step(self):
        kind = self.dice.choice(("talk", "talk", "talk", "cancel", "reinvite", "text", "both"))
        user = str(self.dice.randrange(1000, 1200) + (8000 if kind == "both" else 0))
        call = self.lab.call(user, method="MESSAGE" if kind == "text" else "INVITE")
        call.kind, call.hangup_s = kind, time.monotonic() + self.dice.random() * 2
        self.open.append(call)
        if len(self.open) > 60:
            self.end(self.open.pop(0))
        for old in [c for c in self.open if c.hangup_s < time.monotonic()]:
            self.poke(old)

    def poke(self, call):
        if call.kind == "cancel" and not call.status and any(c < 200 for c in call.codes):
            call.cancel(wait=False)
            call.kind = "cancelled"
        elif call.kind == "reinvite" and call.status == 200:
            call.in_dialog("INVITE", [("Content-Type", "application/sdp")], b"")
            call.kind = "reinvited"

    def end(self, call):
        try:
            status = call.wait_final(60)
        except self.lab.Timeout as late:
            raise AssertionError(f"{late}: {call.kind} {call.codes}; {self.trace(call)}") from None
        allowed = {"text": (200, 503), "cancelled": (200, 487)}.get(call.kind, (200,))
        assert status in allowed, (call.kind, call.user, call.call_id, call.codes, call.final_ms, self.trace(call))
        assert len(call.finals) == 1, (call.kind, call.user, call.codes)
        if status == 200 and call.method == "INVITE":
            call.in_dialog("BYE")
            time.sleep(0.01)
        self.done[call.kind] = self.done.get(call.kind, 0) + 1
        self.ended.append(call)
        if len(self.ended) > 200:  # its socket; what comes late is heard until then
            self.forget(self.ended.pop(0))

    def forget(self, call):
        assert len(call.finals) == 1, (call.kind, call.user, call.codes)
        self.lab.forget(call)

    def trace(self, call):
        """What the gateways saw of a call, and how they are now."""
        return {name: [gw.ping_code] + [(round(r.time - call.started, 1), r.method) for r in list(gw.requests)
                                        if r.user == call.user and r.time > call.started]
                for name, gw in self.lab.gateways.items()}

    def end_all(self):
        while self.open:
            self.end(self.open.pop(0))


class Chaos:
    """What happens to gateways, names and the disk."""

    def __init__(self, lab, dice, dns, disk):
        self.lab, self.dice, self.dns, self.disk = lab, dice, dns, disk
        self.seen = {}

    def step(self):
        what = self.dice.choice((self.gateway,) * 5 + (self.names, self.fill, self.reload))
        self.seen[what.__name__] = self.seen.get(what.__name__, 0) + 1
        what()

    def gateway(self):
        gw = self.lab.gateways[self.dice.choice(CHAOS)]
        gw.open()
        gw.ping_code = self.dice.choice((200, 200, 404, 503, 0))
        what = self.dice.randrange(9)
        if what == 0:
            gw.close()
        elif what == 1:
            gw.blackhole()
        elif what == 2:
            gw.reject(self.dice.choice((503, 504, 480, 408, 500)), self.dice.choice(HEADERS))
        elif what == 3:
            gw.slow(self.dice.choice((0.1, 0.5)))
        elif what == 4:
            gw.deaf()
        elif what == 5:
            gw.drop()
        elif what == 6:
            gw.trying()
        else:
            gw.answer()

    def names(self):
        what = self.dice.randrange(5)
        if what < 3:
            self.dns.behave()
            self.dns.records = self.lab.filled({("pool.test", "A"): POOLS[what]})
        elif what == 3:
            self.dns.behave(rcode=2)
        else:
            self.dns.behave(cut=5)

    def fill(self):
        self.disk.fill() if self.dice.random() < 0.5 else self.disk.empty()

    def reload(self):
        text = self.dice.choice(self.texts)
        (self.lab.work / "failover_route.xml").write_text(text)
        try:
            self.lab.rpc("failover_route.reload")
        except self.lab.RpcFault as fault:
            assert fault.code == 409 or "<wrong/>" in text, fault

    def load_texts(self):
        text = (self.lab.work / "failover_route.xml").read_text()
        more = self.lab.slot.gateway("gw7")
        self.texts = [text, text, text.replace('weight="3"', 'weight="9"'),
                      re.sub(r'.*<destination id="gw2".*max-cps.*\n', "", text),
                      text.replace("<defaults", "<wrong/><defaults"),
                      text.replace('<set id="both"', '<set id="more"><destination id="x" '
                                   f'uri="sip:{more}" admin="maint"/></set><set id="both"')]

    def peace(self):
        """As it was: all well, all as in the file."""
        self.disk.empty()
        self.dns.behave()
        self.dns.records = self.lab.filled({("pool.test", "A"): POOLS[1]})
        for name in CHAOS:
            gw = self.lab.gateways[name]
            gw.open()
            gw.answer()
            gw.ping_code = 200
        # pings are transactions, too
        (self.lab.work / "failover_route.xml").write_text(
            self.texts[0].replace("<probe ", '<probe enabled="no" ', 1))
        self.lab.rpc("failover_route.overlay_clear")
        self.lab.wait(lambda: reloaded(self.lab), "a reload")
        for name in ("gw1", "gw2", "gw3", "gw4", "pool"):
            self.lab.rpc("failover_route.set_admin", "carriers", name, "ready")
        for set_id in ("carriers", "both"):
            for name in (n for n in CHAOS if set_id == "carriers" or n != "gw3"):
                self.lab.rpc("failover_route.set_health", set_id, name, "up")


def reloaded(lab):
    try:
        lab.rpc("failover_route.reload")
        return True
    except lab.RpcFault as fault:
        assert fault.code == 409
        return False


def destinations(lab):
    return [d for s in lab.rpc("failover_route.list")["sets"] for d in s["destinations"]]


def private_bytes(lab):
    """{process: private memory in use}"""
    return {p["desc"]: p["used"] for p in lab.rpc("pkg.stats")}


def come_to_rest(lab):
    """Nothing is under way any more, and nothing is kept of what was."""
    lab.wait(lambda: not any(d["calls"] for d in destinations(lab)), "no call at any destination", 60)
    lab.wait_transactions(limit=60)
    lab.wait(lambda: lab.rpc("dlg.stats_active")["all"] == 0, "no dialog is left", 60)
    lab.wait(lambda: len([d for d in destinations(lab) if d["id"].startswith("pool/")]) == 2,
             "the pool has its two addresses", 30)
    time.sleep(8)  # what is kept for the next calls is given back; probes go on
    return lab.shm_bytes(), private_bytes(lab)


def check_counters(lab):
    names = ("attempts", "ok", "failed", "ignored")
    found = {}
    for line in lab.rpc("failover_route.metrics").splitlines():
        m = re.match(r'failover_route_destination_(\w+)_total\{set="(\w+)",destination="([^"]*)"[^}]*\} (\d+)$', line)
        if m and m[1] in names:
            found.setdefault((m[2], m[3]), {})[m[1]] = int(m[4])
    assert len(found) >= 8
    for where, n in found.items():
        assert n["attempts"] == n["ok"] + n["failed"] + n["ignored"], (where, n)
    return sum(n["attempts"] for n in found.values())


def check_order(lab):
    """Each change of a destination begins where the one before has ended."""
    words = ("up", "down", "trial", "ramp")
    told = [t for t in reversed(lab.history(count=5000)) if t["set"] == "carriers"
            and t["from"] in words and t["to"] in words]
    for name in ("gw1", "gw3", "gw4"):
        own = [t for t in told if t["destination"] == name]
        for before, after in zip(own, own[1:]):
            assert before["to"] == after["from"] and before["time"] <= after["time"], (before, after)
    return len(told)


def spell(lab, seconds, dice, chaos, callers, operators):
    until, next_chaos = time.monotonic() + seconds, 0
    operators.start()
    load = lab.load(rate=8, seconds=max(1, seconds - 2), users=range(3000, 3200), hold=0.2)
    while time.monotonic() < until:
        callers.step()
        if time.monotonic() > next_chaos:
            chaos.step()
            next_chaos = time.monotonic() + dice.random()
        operators.check()
        time.sleep(0.07)
    operators.stop()
    chaos.peace()
    callers.end_all()
    load.wait()
    # its BYEs go to gateways that may be dead by then, and are its failures
    assert load.connected > load.placed / 2, load


def story(lab):
    print(f"TORTURE_SEED={SEED}", flush=True)
    dice = random.Random(SEED)
    disk = SmallDisk(lab.work / "disk")
    dns = lab.dns({("pool.test", "A"): POOLS[1]}, hostile=True)
    lab.allow_refused()
    lab.allow_log(r"state file", r"ERROR: .*(tcp|send)", r"jsonrpc", r"rpc_", r"configuration|failover_route.xml:",
                  r"get_record", r"dialog",
                  r"parse_retry_after", r"bad (retry_after )?header")
    lab.gateways_named(*NAMES, "gw5", "gw6")
    lab.start(modules=["dialog"], before="dlg_manage();", module=MODULE, relay=RELAY, listen="children=4\n")
    lab.wait(lambda: len([d for d in destinations(lab) if d["id"].startswith("pool/")]) == 2, "names")
    chaos, callers = Chaos(lab, dice, dns, disk), Callers(lab, dice)
    chaos.load_texts()
    operators = Operators(lab, SEED)
    spell(lab, SECONDS / 3, dice, chaos, callers, operators)
    shm, private = come_to_rest(lab)
    spell(lab, SECONDS * 2 / 3, dice, chaos, callers, operators)
    shm_after, private_after = come_to_rest(lab)
    print(f"shm {shm} -> {shm_after}", callers.done, chaos.seen, operators.done,
          f"{check_counters(lab)} attempts, {check_order(lab)} changes", flush=True)
    assert shm_after <= shm + 16384, (shm, shm_after)
    grown = {p: (private[p], n) for p, n in private_after.items() if n > private.get(p, n) + 65536}
    assert not grown
    lab.restart()
    lab.place("100")
