"""The outages. Each is a short story around the same load.

A row says which gateways there are (tiers), which one is bad, what happens at the
fault's begin and end, and what else happens meanwhile (events).
"""
from dataclasses import dataclass, field

PRIMARY_BACKUP = [["gw1"], ["gw2"]]
EQUALS = [["gw1", "gw2", "gw3"]]
SERIAL = [["gw1"], ["gw2"], ["gw3"]]


@dataclass
class Times:
    """Seconds of the load: the fault's begin and end, and the load's end."""
    begin: float
    end: float
    stop: float

    def at(self, share):
        """A moment of the fault, 0 is its begin and 1 its end."""
        return self.begin + share * (self.end - self.begin)


FULL = Times(10, 45, 75)
QUICK = Times(4, 16, 24)


@dataclass
class Row:
    name: str
    what: str
    tiers: list = field(default_factory=lambda: PRIMARY_BACKUP)
    bad: str = "gw1"  # empty: no gateway is
    before: object = None  # function(run): what holds from the start
    begin: object = None  # function(run)
    end: object = None  # function(run)
    events: object = None  # function(times): [(second, function(run)), ...]
    times: object = None  # function(times): other times for this row
    keeps: bool = False  # the bad gateway should keep its calls
    poison: bool = False  # a second caller dials a number that nobody answers


def _behave(name, *args):
    def change(run):
        for gw in run.bad:
            getattr(gw, name)(*args)
    return change


def _limp(run):
    for gw in run.bad:
        gw.limp(503)


def _heal(run):
    for gw in run.bad:
        gw.answer()
        gw.filter = None
        gw.open()


def _flap(times):
    moments, second, dead = [], times.begin + 5, True
    while second < times.end:
        moments.append((second, _heal if dead else _behave("blackhole")))
        second, dead = second + 5, not dead
    return moments


def _poison(run):
    for gw in run.gateways.values():
        gw.deaf_to("666")


def _overload(run):
    for gw in run.gateways.values():
        if gw not in run.bad:
            gw.limit_rate(12)


def _reload(run):
    run.lab.rpc(run.system.rpc_reload)


def _all_bad(run):
    for gw in run.gateways.values():
        gw.blackhole()


def _all_well(run):
    for gw in run.gateways.values():
        gw.answer()


def _shorter(seconds):
    return lambda t: Times(t.begin, min(t.end, t.begin + seconds), t.stop)


ROWS = {r.name: r for r in (
    Row("closed", "the primary's port is closed: ICMP errors",
        begin=_behave("close_door"), end=_heal),
    Row("blackhole", "the primary answers nothing at all",
        begin=_behave("blackhole"), end=_heal),
    Row("limping", "OPTIONS gets 200, INVITE gets 503", begin=_limp, end=_heal),
    Row("deaf", "OPTIONS gets 200, INVITE no answer", begin=_behave("deaf"), end=_heal),
    Row("trying", "INVITE gets 100 Trying, and then nothing",
        begin=_behave("trying"), end=_heal),
    Row("poison", "a number that no gateway answers, dialled every 2 s; all else is healthy",
        tiers=EQUALS, bad="", before=_poison, poison=True),
    Row("flapping", "the primary is silent for 5 s, answers for 5 s, and so on",
        begin=_behave("blackhole"), end=_heal, events=_flap),
    Row("brownout", "the primary refuses 30 % of its calls with 503",
        begin=_behave("refuse_share", 0.3), end=_heal, keeps=True),
    Row("one-percent", "the primary refuses 1 % of its calls with 503",
        begin=_behave("refuse_share", 0.01), end=_heal, keeps=True),
    Row("lossy", "a tenth of what is sent to the primary is lost on the way",
        begin=_behave("lose_share", 0.1), end=_heal, keeps=True),
    Row("third-dead", "one of three equals answers nothing",
        tiers=EQUALS, begin=_behave("blackhole"), end=_heal),
    Row("reload", "two reloads while the primary answers nothing",
        begin=_behave("blackhole"), end=_heal,
        events=lambda t: [(t.at(0.4), _reload), (t.at(0.7), _reload)]),
    Row("slow", "the primary says 100 Trying only after 3 s",
        begin=_behave("slow_trying", 3.0), end=_heal),
    Row("overload", "the primary answers nothing; two backups take 12 calls/s each, and "
        "refuse more with 503", tiers=SERIAL, before=_overload,
        begin=_behave("blackhole"), end=_heal),
    Row("all-down", "nobody answers for 15 s",
        begin=_all_bad, end=_all_well, times=_shorter(15)),
    Row("returns", "the primary answers nothing for 8 s, and is back",
        begin=_behave("blackhole"), end=_heal, times=_shorter(8)),
)}
