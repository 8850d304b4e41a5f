"""Kamailio's default allocator looks through a thousand empty lists for each small request:
pieces of free private memory spare it that. They stay through calls, large and small; none
are left with another allocator, or where private memory is scarce.
"""
PIECES = 128
LARGE = {f"X-Large-{n}": "x" * 60 for n in range(80)}


def story(lab):
    lab.gateway("gw1").answer()
    lab.start(listen="children=2\nasync_workers=1\n")
    lab.wait(lambda: all(n >= PIECES for n in free_pieces(lab).values()), "each has its pieces")
    before = free_pieces(lab)
    lab.place_many(range(100, 110))
    lab.place_many(range(110, 120), headers=LARGE)
    used = private_bytes(lab)
    lab.place_many(range(120, 160), headers=LARGE)
    lab.wait_transactions(limit=40)
    after = free_pieces(lab)
    assert all(n >= PIECES for n in after.values()), (before, after)
    assert private_bytes(lab) == used, "private memory grew with calls"

    for allocators, pkg_mb, why in ((("-x", "fm", "-X", "fm"), 8, "another allocator"),
                                    ((), 2, "private memory is scarce")):
        lab.stop()
        lab.kamailio.allocators, lab.kamailio.pkg_mb = allocators, pkg_mb
        lab.start(listen="children=2\nasync_workers=1\n")
        left = free_pieces(lab)
        assert all(n < PIECES / 2 for n in left.values()), f"{why}: {left}"
        lab.place("200", headers=LARGE)


def free_pieces(lab):
    """{worker: fragments of free private memory}"""
    return {p["pid"]: p["total_frags"] for p in workers(lab)}


def private_bytes(lab):
    return {p["pid"]: p["real_used"] for p in workers(lab)}


def workers(lab):
    """Those that read from a socket, and the one of the tasks that scripts suspend for."""
    found = [p for p in lab.rpc("pkg.stats")
             if p["desc"].startswith(("udp receiver", "Async Task Worker"))]
    assert len(found) == 3, found
    return found
