"""The table at the end, out of the calls as the caller saw them."""

PHASES = ("before", "outage", "after")


def quantile(values, q):
    """The smallest value that at least a share q of all are not above."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -int(-q * len(ordered) // 1) - 1))]


class Summary:
    """killed, back: when the outage began and ended, in seconds since 1970.

    A call that waited for its answer at the kill belongs to the outage."""

    def __init__(self, calls, paths, names, killed, back):
        self._names = names     # host:port: destination
        self._paths = paths
        self.killed = killed
        self.phases = {p: [] for p in PHASES}
        for call in calls:
            if call.ended is not None and call.ended < killed:
                self.phases["before"].append(call)
            else:
                self.phases["outage" if call.placed < back else "after"].append(call)

    @property
    def calls(self):
        return [c for p in PHASES for c in self.phases[p]]

    @property
    def lost(self):
        return [c for c in self.calls if not c.connected]

    def cut_off(self):
        """Calls not yet hung up when their gateway died; nobody can move those."""
        return [c for c in self.phases["before"] if c.connected and c.bye_code != 200
                and (c.hung_up is None or c.hung_up > self.killed)]

    def not_closed(self):
        """Calls that ended badly for any other reason."""
        cut = {c.call_id for c in self.cut_off()}
        return [c for c in self.calls
                if c.connected and c.bye_code != 200 and c.call_id not in cut]

    def rows(self):
        """(title, value per phase, value of all)"""
        yield self._row("calls placed", len)
        yield self._row("connected", lambda calls: sum(c.connected for c in calls))
        yield self._row("lost", lambda calls: sum(not c.connected for c in calls))
        yield self._row("failed over", lambda calls: sum(self._moved(c) for c in calls))
        for name in self._names.values():
            yield self._row(f"on {name}", lambda calls, name=name: sum(
                self._names.get(c.contact) == name for c in calls))
        for title, q in (("delay p50", 0.5), ("delay p95", 0.95), ("delay max", 1.0)):
            yield self._row(title, lambda calls, q=q: quantile(
                [c.delay_ms for c in calls if c.connected], q), "ms")

    def _row(self, title, figure, unit=""):
        values = [figure(self.phases[p]) for p in PHASES] + [figure(self.calls)]
        return title, ["-" if v is None else f"{v:.0f} {unit}".strip() for v in values]

    def _moved(self, call):
        return ">" in self._paths.get(call.call_id, "")
