"""A name is asked for at its TTL, within dns-min-ttl and dns-max-ttl, and once however many have it."""
RECORDS = {("short.test", "A"): [(0, "${gw1}")], ("long.test", "A"): [(86400, "${gw2}")],
           ("quick.test", "A"): [(2, "${gw3}")]}


def story(lab):
    server = lab.dns(RECORDS, hostile=True)
    lab.start()
    lab.wait(lambda: len(server.asked) >= 3, "three names asked for")
    lab.wait(lambda: server.queries("A", "short.test") > 4, "the short one, again", 60)

    def gaps(name):
        times = [t for t, _, n in server.asked if n == name]
        return [b - a for a, b in zip(times, times[1:])]
    # up to a tenth sooner than the bounds say; later only if the machine is busy
    assert min(gaps("short.test")) > 2.6
    assert min(gaps("long.test")) > 3.5 and len(gaps("long.test")) >= 2
    assert min(gaps("quick.test")) > 1.7 and len(gaps("quick.test")) > len(gaps("short.test"))
    assert {k for _, k, _ in server.asked} == {"A"}  # nothing listens on IPv6
