"""kamcmd refuses an answer of more than 128 KiB: where rows are long, fewer of them are a page.

Names that do not resolve make the longest: each row has the name four times. Every page, put
together, is the table; a set begins on the page that has its first destination.
"""
import re

NAMES = 200


def destination(n, domain):
    return f'<destination id="d{n:04}{"y" * 50}" uri="sip:d{n}.{domain}.test" resolve="host"/>'


def read(lab, *command):
    """Every set and destination of all pages in order, and how many pages there were."""
    ids, pages, offset = [], 0, "0"
    while offset:
        page = lab.kamcmd(*command, offset)
        ids += re.findall(r"^\t+id: ([sd]\d+)", page, re.M)
        pages += 1
        offset = (re.findall(r"^\tnext_offset: (\d+)$", page, re.M) or [""])[0]
    return ids, pages


def story(lab):
    lab.dns(hostile=True)
    long = ".".join(["x" * 60] * 3)
    lab.start(destinations="\n    ".join(destination(n, long) for n in range(NAMES)),
              sets="\n  ".join(f'<set id="s{n:04}">{destination(n, long)}</set>' for n in range(NAMES)))
    lab.wait(lambda: all("no such name" in d["dns_error"] for s in lab.rpc("failover_route.list")["sets"]
                         for d in s["destinations"]), "no name has an answer", limit=60)
    for command in (("list", "carriers"), ("explain", "carriers", "*")):
        ids, pages = read(lab, "failover_route." + command[0], *command[1:])
        assert ids == [f"d{n:04}" for n in range(NAMES)]
        assert pages <= 3
    ids, pages = read(lab, "failover_route.list", "*")
    rows = [f"d{n:04}" for n in range(NAMES)]
    assert ids == rows + [i for n in range(NAMES) for i in (f"s{n:04}", rows[n])]
    assert pages >= 4
