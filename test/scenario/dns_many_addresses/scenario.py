"""A name with more addresses than a UDP answer holds, in another order each time, or than are used:
the table has the same ones of them each time.

Where the rest cannot be had over TCP either, the last good answer stays in use.
"""


def addresses(n):
    return {("pool.test", "A"): [(1, f"192.0.2.{i}") for i in range(1, n + 1)]}


def story(lab):
    server = lab.dns(addresses(40), hostile=True)
    server.behave(truncated=True, shuffle=True)
    lab.start()
    gw1 = lab.gateway("gw1")

    def pool():
        return [d["id"] for d in lab.set()["destinations"] if d["id"].startswith("pool/")]

    def generation():
        return lab.rpc("failover_route.list")["generation"]

    def asked_again(times=4):
        seen = server.queries("A", "pool.test")
        lab.wait(lambda: server.queries("A", "pool.test") >= seen + 2 * times, "it is asked again")
    lab.wait(lambda: len(pool()) == 40, "all of them")
    assert server.over_tcp > 0
    before = generation()
    asked_again()
    assert len(pool()) == 40 and generation() == before

    server.behave(truncated="nowhere")
    first = pool()[0]
    lab.wait(lambda: "server failure" in lab.dst(first)["dns_error"], "it says what is wrong")
    asked_again()
    assert len(pool()) == 40 and generation() == before

    server.records = addresses(90)
    server.behave(truncated=True, shuffle=True)
    lab.wait(lambda: len(pool()) == 64, "as many as are used")
    before, kept = generation(), pool()
    asked_again()
    assert pool() == kept and generation() == before
    lab.rpc("failover_route.set_admin", "carriers", "pool", "drain")
    lab.place("100")
    assert gw1.users == ["100"]
