"""What the file says, changes at run time, the operator's wishes, reloads, restarts and power cuts, in
any order: the table is what a simple model of them says, and "changes" counts what is another one.
"""
import random

LIMIT = 180
IDS = "abcdef"
WORDS = ("ready", "drain", "maint")
SEEDS = (1, 2, 3)
STEPS = 120


class Model:
    """source and table: {id: {uri, weight, priority, admin}}, as configured; edits: [[kind, id,
    values]], oldest first; wish: {id: (what the operator wants, what the source said then)}."""

    def __init__(self, source):
        self.source, self.edits, self.wish = source, [], {}
        self.table = self.build()
        self.follow()

    def build(self):
        """Lets go of the edits that say nothing new."""
        table = {i: {**d, "overlay": ""} for i, d in self.source.items()}
        kept = []
        for kind, i, values in self.edits:
            if (i in table) == (kind == "add") or kind == "weight" and table[i]["weight"] == values["weight"]:
                continue
            if kind == "remove":
                if len(table) == 1:
                    continue
                del table[i]
            elif kind == "add":
                table[i] = {**values, "admin": "ready", "overlay": "added"}
            else:
                table[i]["weight"] = values["weight"]
                table[i]["overlay"] = table[i]["overlay"] or "weight"
            kept.append([kind, i, values])
        self.edits = kept
        return table

    def follow(self):
        self.wish = {i: self.wish[i] if i in self.wish and self.wish[i][1] == d["admin"]
                     else (d["admin"], d["admin"]) for i, d in self.table.items()}

    def load(self):
        """Returns what a reload says of changes."""
        old, self.table = self.table, self.build()
        self.follow()
        bare = [{i: {k: v for k, v in d.items() if k != "overlay"} for i, d in t.items()} for t in (old, self.table)]
        counts = ((sum(i not in bare[0] for i in bare[1]), "added"), (sum(i not in bare[1] for i in bare[0]), "removed"),
                  (sum(i in bare[1] and bare[1][i] != d for i, d in bare[0].items()), "changed"))
        return ", ".join(f"{n} destination{'' if n == 1 else 's'} {word}" for n, word in counts if n) or "nothing changed"

    def of(self, kind, i):
        return next((e for e in self.edits if e[:2] == [kind, i]), None)

    def add(self, i, values):
        self.edits.append(["add", i, values])
        self.table[i] = {**values, "admin": "ready", "overlay": "added"}
        self.follow()

    def remove(self, i):
        added = self.table.pop(i)["overlay"] == "added"
        self.edits = [e for e in self.edits if e[1] != i or e[0] == "remove"]
        if not added:
            self.edits.append(["remove", i, {}])
        self.follow()

    def weigh(self, i, weight):
        edit = self.of("add", i) or self.of("weight", i)
        if edit:
            edit[2] = {**edit[2], "weight": weight}
        else:
            self.edits.append(["weight", i, {"weight": weight}])
        self.table[i]["weight"] = weight
        self.table[i]["overlay"] = self.table[i]["overlay"] or "weight"

    def clear(self, i):
        before = len(self.edits)
        self.edits = [e for e in self.edits if i and e[1] != i]
        return before - len(self.edits)


class World:
    def __init__(self, lab, dice):
        self.lab, self.dice = lab, dice
        self.source = {}
        self.write()
        (lab.work / "state").unlink(missing_ok=True)
        lab.kamailio.start()
        self.model = Model({i: dict(d) for i, d in self.source.items()})

    def drawn(self):
        return {"uri": f"sip:192.0.2.{self.dice.randrange(1, 200)}", "weight": self.dice.randrange(1, 4),
                "priority": self.dice.randrange(2)}

    def write(self):
        for i in IDS:
            if self.dice.random() < 0.3:
                self.source.pop(i, None)
            elif self.dice.random() < 0.5:
                self.source[i] = {**self.drawn(), "admin": self.dice.choice(WORDS)}
        self.source = self.source or {"a": {**self.drawn(), "admin": "ready"}}
        body = "".join("<destination id='{}' uri='{uri}' weight='{weight}' priority='{priority}' admin='{admin}'/>\n"
                       .format(i, **d) for i, d in self.source.items())
        (self.lab.work / "failover_route.xml").write_text(
            f'<failover-route version="1"><set id="carriers" number="7"><probe enabled="no"/>\n{body}</set></failover-route>')

    def rpc(self, command, *args):
        return self.lab.rpc("failover_route." + command, *args)

    def refused(self, code, command, *args):
        assert self.lab.fault("failover_route." + command, *args).code == code

    def change(self):
        i, has = self.dice.choice(IDS), self.model.table
        command = self.dice.choice(("add", "add", "remove", "set_weight", "set_admin", "set_admin"))
        new = self.drawn()
        if command == "add":
            args = ("carriers", i, new["uri"], new["priority"], new["weight"])
            if i in has:
                return self.refused(400, command, *args)
            self.rpc(command, *args)
            self.model.add(i, new)
        elif i not in has:
            self.refused(404, command, "7", i, *{"set_weight": (1,), "set_admin": ("drain",)}.get(command, ()))
        elif command == "remove" and len(has) == 1:
            self.refused(400, command, "7", i)
        elif command == "remove":
            self.rpc(command, "7", i)
            self.model.remove(i)
        elif command == "set_weight":
            self.rpc(command, "7", i, new["weight"])
            self.model.weigh(i, new["weight"])
        else:
            word = self.dice.choice(WORDS)
            self.rpc(command, "carriers", i, word)
            self.model.wish[i] = (word, has[i]["admin"])

    def loaded(self):
        """The file's word is taken."""
        self.model.source = {i: dict(d) for i, d in self.source.items()}

    def reload(self):
        self.loaded()
        said = self.rpc("reload")["changes"]
        assert said == (told := self.model.load()), (said, told)

    def clear(self):
        i = self.dice.choice(["", *self.model.table])
        self.loaded()
        answer = self.rpc("overlay_clear", *(("carriers", i) if i else ()))
        assert answer["cleared"] == self.model.clear(i)
        assert answer["changes"] == self.model.load()

    def restart(self):
        if self.dice.random() < 0.5:
            self.lab.stop()
        else:
            state, before = self.lab.work / "state", self.rpc("list")["generation"]
            self.rpc("reload")  # there is something to write
            self.loaded()
            self.model.load()
            assert self.rpc("list")["generation"] == before + 1
            old = state.stat().st_mtime_ns if state.exists() else 0
            self.lab.wait(lambda: state.exists() and state.stat().st_mtime_ns != old, "the state file", step=0.02)
            self.lab.kill()
        if self.dice.random() < 0.3:
            self.write()
        self.loaded()
        self.lab.kamailio.start()
        self.model.load()

    def check(self, step):
        told = self.lab.set()
        is_now = {d["id"]: (d["uri"], d["weight"], d["priority"], d["admin"], d.get("overlay", ""))
                  for d in told["destinations"]}
        should = {i: (d["uri"], d["weight"], d["priority"], self.model.wish[i][0], d["overlay"])
                  for i, d in self.model.table.items()}
        assert is_now == should, f"after {step}"
        removed = [i for kind, i, _ in self.model.edits if kind == "remove"]
        assert sorted(told.get("removed", [])) == sorted(removed), f"after {step}"


def story(lab):
    lab.allow_log("was removed")
    lab.configure(modparams='modparam("failover_route", "state_interval", 1)\n')
    for seed in SEEDS:
        world = World(lab, random.Random(seed))
        done = []
        for _ in range(STEPS):
            steps = [world.change] * 12 + [world.write, world.reload, world.reload, world.clear]
            step = world.restart if world.dice.random() < 0.04 else world.dice.choice(steps)
            step()
            done.append(step.__name__)
            world.check(f"seed {seed}, {len(done)}: {', '.join(done[-5:])}")
        lab.stop()
