"""A name stands for something else, and there is no memory for the table that has it: calls go
on with the old one, the log says so once, and it is tried again until there is.
"""
import time

MANY = 14_000


def story(lab):
    dns = lab.dns({("eu.test", "A"): [(1, "${gw1}")]}, hostile=True)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    filler = [f'<destination id="d{n}" uri="sip:127.16.{n >> 8}.{n & 255}" priority="9"/>'
              for n in range(MANY)]
    lab.start(shm_mb=12)

    def eu():
        return [d["uri"] for d in lab.rpc("failover_route.list", "carriers", 0, 2)["sets"][0][
            "destinations"] if d["id"].startswith("eu")][0]
    lab.log.allow("out of memory", "qm_malloc", "Free fragment", "no.* memory",
                  "names have changed")
    lab.wait(lambda: gw1.host in eu(), "the name's address")
    lab.edit_xml(("</set>", "\n".join(filler) + "\n</set>"))
    lab.rpc("failover_route.reload")
    before = len(lab.log.lines)
    dns.records.update(lab.filled({("eu.test", "A"): [(1, "${gw2}")]}))

    def told():
        return sum("names have changed, the table has not" in line
                   for line in lab.log.lines[before:])
    lab.wait(lambda: told() > 0, "the log says so", limit=30)
    time.sleep(4)
    lines = len(lab.log.lines) - before
    assert told() == 1 and lines < 30, f"{told()} and {lines} lines"
    lab.place("100")

    # there is memory again
    lab.edit_xml(("\n".join(filler), ""))
    lab.rpc("failover_route.reload")
    lab.wait(lambda: gw2.host in eu(), "the name's new address", limit=30)
    lab.place("101")
    assert gw2.users[-1] == "101"
