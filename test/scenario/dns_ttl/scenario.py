"""A name is asked for at its TTL, within dns-min-ttl and dns-max-ttl, and once however many have it."""
RECORDS = {("short.test", "A"): [(0, "${gw1}")], ("long.test", "A"): [(86400, "${gw2}")],
           ("quick.test", "A"): [(2, "${gw3}")]}


def story(lab):
    server = lab.dns(RECORDS, hostile=True, timeout=5)
    lab.start()
    lab.wait(lambda: len(server.asked) >= 3, "three names asked for")
    lab.wait(lambda: server.queries("A", "short.test") > 4, "the short one, again", 60)

    def times(name):
        return [t for t, _, n in server.asked if n == name]

    def pace(name):
        """The seconds from one time to the next; a busy machine writes one down late, and the next one not."""
        return (times(name)[-1] - times(name)[0]) / (len(times(name)) - 1)
    # up to a tenth sooner than the bounds say; later only if the machine is busy
    assert pace("short.test") > 2.3
    assert pace("long.test") > 3.1 and len(times("long.test")) >= 3
    assert pace("quick.test") > 1.5 and len(times("quick.test")) > len(times("short.test"))
    assert {k for _, k, _ in server.asked} == {"A"}  # nothing listens on IPv6
