"""Files that are none: bombs, a gigabyte, bottomless nesting, NULs, bad UTF-8, a FIFO, a device.

Each is refused with its place and reason while calls go on with the old table; none takes
Kamailio's memory or its time from the workers.
"""
import os

LIMIT = 150
DTD = '<!DOCTYPE x [<!ENTITY a "' + "x" * 1000 + '">' + "".join(
    f'<!ENTITY {c} "{("&" + p + ";") * 10}">' for p, c in zip("abcdefghi", "bcdefghij")) + "]>"
HEAD, TAIL = b'<failover-route version="1">', b"</failover-route>"

FILES = {
    "billion laughs": (DTD + "<failover-route>&j;</failover-route>").encode(),
    "external entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><failover-route version="1">&e;</failover-route>',
    "external DTD": b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd"><failover-route version="1"/>',
    "nesting": b"<a>" * 200000,
    "nesting that ends": HEAD + b"<set id='a'>" * 5000 + b"</set>" * 5000 + TAIL,
    "attributes": HEAD + b"<set " + b" ".join(b"a%d='1'" % n for n in range(20000)) + b"/>" + TAIL,
    "a long name": HEAD + b"<" + b"a" * 20_000_000 + b"/>" + TAIL,
    "a long value": HEAD + b"<set id='" + b"a" * 20_000_000 + b"'/>" + TAIL,
    "a NUL": HEAD + b"<set id='a\0b'/>" + TAIL,
    "nothing but NULs": b"\0" * 100000,
    "bad UTF-8": HEAD + b"<set id='\xff\xfe\xc0\x80'/>" + TAIL,
    "UTF-16": ('<?xml version="1.0" encoding="UTF-16"?><failover-route version="1"/>').encode("utf-16"),
    "another encoding": b'<?xml version="1.0" encoding="no-such"?><failover-route version="1"/>',
    "a million sets": HEAD + b"".join(b"<set id='s%d'/>" % n for n in range(300000)) + TAIL,
    "an include of itself": b'<failover-route version="1" xmlns:xi="http://www.w3.org/2001/XInclude">'
                            b'<xi:include href="failover_route.xml"/></failover-route>',
    "an include from elsewhere": b'<failover-route version="1" xmlns:xi="http://www.w3.org/2001/XInclude">'
                                 b'<xi:include href="../../../../../etc/passwd"/></failover-route>',
    "an include over the net": b'<failover-route version="1" xmlns:xi="http://www.w3.org/2001/XInclude">'
                               b'<xi:include href="http://192.0.2.1/x.xml"/></failover-route>',
    "nothing": b"",
    "half of it": HEAD + b"<set id='a'><destination id='g'",
    "random bytes": bytes((n * 7919 + n // 3) % 256 for n in range(100000)),
}


def refused(lab, name):
    fault = lab.fault("failover_route.reload")
    assert fault.code == 400 and "failover_route.xml" in fault.message, (name, fault)
    assert all(ord(c) >= 32 or c in "\n\t" for c in fault.message), (name, fault.message)
    print(f"{name}: {fault.message[:150]}", flush=True)


def story(lab):
    lab.allow_log(r"failover_route.xml", r"reload refused")
    lab.start(shm_mb=64)
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    path = lab.work / "failover_route.xml"
    good = path.read_bytes()
    load = lab.load(rate=20, seconds=30, users=range(1000, 1100))
    before = lab.rpc("failover_route.list")
    for name, content in FILES.items():
        path.write_bytes(content)
        refused(lab, name)
    with open(path, "wb") as out:
        out.truncate(1 << 30)
    refused(lab, "a gigabyte")
    os.unlink(path)
    refused(lab, "no file")
    os.mkfifo(path)
    refused(lab, "a FIFO")
    os.unlink(path)
    os.symlink("/dev/zero", path)
    refused(lab, "a device")
    os.unlink(path)
    os.symlink("/etc", path)
    refused(lab, "a folder")
    os.unlink(path)
    assert lab.rpc("failover_route.list")["generation"] == before["generation"]
    load.wait()
    assert (load.connected, load.failed) == (load.placed, 0), load.errors
    path.write_bytes(good)
    lab.rpc("failover_route.reload")
    lab.place("100")
