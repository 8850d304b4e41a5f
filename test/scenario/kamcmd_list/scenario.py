"""kamcmd lists a thousand destinations: by pages, since it cuts an answer of 128 KiB.

Peers row 14: dispatcher's list of 600 is too big for kamcmd. The fields are those of
the contract, by kamcmd and by JSON alike.
"""
import re

FIELDS = """id uri priority weight effective_weight health admin sources reason since_ms hold_ms
            calls attempts ok failed timeouts failovers probe_rtt_ms pdd_ms""".split()


def story(lab):
    lab.start(destinations="\n    ".join(
        f'<destination id="d{n:04}" uri="sip:10.1.{n // 250}.{n % 250}"/>' for n in range(1000)))
    lab.gateway("gw1")
    lab.place("100")

    text = lab.kamcmd("failover_route.list", "carriers")
    for field in FIELDS:
        assert re.search(rf"^\s*{field}:", text, re.M), field
    assert re.search(r"id: carriers\s+number: 7\s+strategy: weighted\s+health: up", text)
    assert "sip:" + lab.slot.gateway("gw1") in text and "admin: drain" in text
    assert re.search(r"attempts: 1\s", text)

    told = lab.rpc("failover_route.list", "carriers")
    assert [s["id"] for s in told["sets"]] == ["carriers"] and told["generation"] == 1
    first = told["sets"][0]["destinations"][0]
    assert set(FIELDS) <= set(first)
    assert (first["weight"], first["effective_weight"], first["ok"]) == (10, 10, 1)
    assert isinstance(first["sources"], list)

    ids = []
    for offset in range(0, 1000, 100):
        page = lab.kamcmd("failover_route.list", "big", offset, 100)
        ids += re.findall(r"^\s*id: (d\d+)", page, re.M)
    assert ids == [f"d{n:04}" for n in range(1000)]
    page = lab.rpc("failover_route.list", "big", 990, 100)["sets"][0]["destinations"]
    assert [d["id"] for d in page] == [f"d{n:04}" for n in range(990, 1000)]
    everything = lab.rpc("failover_route.list")
    assert [len(s["destinations"]) for s in everything["sets"]] == [2, 1000]
    assert lab.rpc("failover_route.list", "*")["sets"][1]["strategy"] == "round-robin"

    assert lab.fault("failover_route.list", "nobody").code == 404
    assert lab.fault("failover_route.list", "big", -1).code == 400

    # what does not fit says what would, and nothing that was done already
    for args, said in (((), "do not fit: name a set, or use"), (("big",), "do not fit: use JSON-RPC over HTTP")):
        try:
            raise AssertionError(lab.kamcmd("failover_route.metrics", *args)[:200])
        except lab.RpcFault as fault:
            assert said in str(fault), fault
