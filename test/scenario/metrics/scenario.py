"""metrics is Prometheus text whose figures agree with list; no label set comes twice.

Peers row 19: dispatcher has no figures per destination.
"""
import re

LINE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (-?[0-9.e+-]+|NaN)$')


def metrics(lab):
    text = lab.rpc("failover_route.metrics")
    text = text if isinstance(text, str) else text["text"] if "text" in text else str(text)
    found, typed = {}, set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name = line.split()[2]
            assert name not in typed, line
            typed.add(name)
        elif line and not line.startswith("#"):
            match = LINE.match(line)
            assert match, line
            key = (match[1], match[2])
            assert key not in found, f"twice: {line}"
            family = re.sub("_(bucket|sum|count)$", "", match[1])
            assert match[1] in typed or family in typed, f"no TYPE: {line}"
            found[key] = float(match[3])
    return found


def value(found, name, destination, **labels):
    for (metric, text), number in found.items():
        wanted = [f'destination="{destination}"'] + [f'{k}="{v}"' for k, v in labels.items()]
        if metric == f"failover_route_{name}" and all(w in text for w in wanted):
            return number
    raise AssertionError(f"no {name} of {destination} {labels}")


def replies(found, destination, digit):
    """Replies of a class, whether they are told by code or by class."""
    return sum(n for (metric, text), n in found.items()
               if metric == "failover_route_destination_replies_total"
               and f'destination="{destination}"' in text and f'code="{digit}' in text)


def story(lab):
    lab.start()
    gw1, _gw2 = lab.gateways_named("gw1", "gw2")
    gw1.reject(503)
    lab.place_many((100, 101, 102, 103))
    found = metrics(lab)
    assert value(found, "destination_health", "gw1", set="carriers",
                 uri=f"sip:{lab.slot.gateway('gw1')}") == 0
    assert value(found, "destination_health", "gw2") == 1
    for dst in ("gw1", "gw2"):
        told = lab.dst(dst)
        assert value(found, "destination_attempts_total", dst) == told["attempts"]
        assert value(found, "destination_failovers_total", dst) == told["failovers"]
    assert (replies(found, "gw1", 5), replies(found, "gw1", 2)) == (3, 0)
    assert (replies(found, "gw2", 5), replies(found, "gw2", 2)) == (0, 4)
