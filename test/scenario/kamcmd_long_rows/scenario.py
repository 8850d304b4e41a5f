"""kamcmd refuses an answer of more than 128 KiB: where rows are long, fewer of them are a page.

Names that do not resolve make the longest: each row has the name four times. Every page, put
together, is the table.
"""
import re

NAMES = 200


def story(lab):
    lab.dns(hostile=True)
    long = ".".join(["x" * 60] * 3)
    lab.start(destinations="\n    ".join(
        f'<destination id="d{n:04}{"y" * 50}" uri="sip:d{n}.{long}.test" resolve="host"/>' for n in range(NAMES)))
    lab.wait(lambda: all("no such name" in d["dns_error"] for d in lab.set()["destinations"]),
             "no name has an answer", limit=60)
    for command, *before in (("list",), ("explain", "*")):
        ids, pages, offset = [], 0, "0"
        while offset:
            page = lab.kamcmd("failover_route." + command, "carriers", *before, offset)
            ids += re.findall(r"^\t+id: (d\d+)", page, re.M)
            pages += 1
            offset = (re.findall(r"^\tnext_offset: (\d+)$", page, re.M) or [""])[0]
        assert ids == [f"d{n:04}" for n in range(NAMES)]
        assert pages <= 3
