"""Four operators who give commands without end, good ones and bad ones."""
import random
import threading

BAD = ("", "\x00", "x" * 5000, "-1", "99999999999", "<script>", "carriers", "gw1", "*", "é\U0001f4a9", 0, -7,
       2**40)
COMMANDS = ("list", "explain", "history", "metrics", "set_admin", "set_health", "probe", "check", "add", "remove",
            "set_weight", "overlay_clear", "reload")


class Operators:
    def __init__(self, lab, seed, count=4):
        self.lab, self.done, self.errors = lab, {}, []
        self._count, self._seed, self._threads, self._on = count, seed, [], False

    def start(self):
        self._on = True
        self._threads = [threading.Thread(target=self._work, args=(n,), daemon=True)
                         for n in range(self._count)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._on = False
        for thread in self._threads:
            thread.join(30)
        self.check()

    def check(self):
        assert not self.errors, self.errors[0]

    def _work(self, number):
        dice = random.Random(self._seed * 10 + number)
        self._seed += 1
        while self._on:
            command, args = self._draw(dice)
            try:
                self.lab.rpc("failover_route." + command, *args, timeout=30)
                self._count_one(command)
            except self.lab.RpcFault as fault:
                if fault.code not in (400, 404, 409):
                    self.errors.append(f"{command} {args}: {fault}")
                self._count_one(f"{command} refused")
            except Exception as error:  # noqa: BLE001 told by check()
                self.errors.append(f"{command} {args}: {error!r}")
            threading.Event().wait(dice.random() * 0.3)

    def _count_one(self, what):
        self.done[what] = self.done.get(what, 0) + 1

    def _draw(self, dice):
        command = dice.choice(COMMANDS)
        if dice.random() < 0.25:
            return command, [dice.choice(BAD) for _ in range(dice.randrange(5))] if command not in (
                "set_admin", "set_health", "remove", "overlay_clear") else ["nobody", dice.choice(BAD)]
        gw = dice.choice(("gw1", "gw2", "gw3"))
        return command, {
            "list": [dice.choice(("*", "carriers", "7"))], "explain": ["carriers", "100"],
            "history": ["*", 50], "metrics": [], "set_admin": ["carriers", gw, dice.choice(
                ("ready", "ready", "drain", "maint"))],
            "set_health": ["carriers", gw, dice.choice(("up", "down"))], "probe": ["carriers", gw],
            "check": [], "add": ["carriers", f"x{dice.randrange(3)}", f"sip:{self.lab.slot.gateway('gw8')}", 9, 1],
            "remove": ["carriers", dice.choice(("gw2", "x0", "x1", "x2"))],
            "set_weight": ["carriers", gw, dice.randrange(20)], "overlay_clear": [], "reload": []}[command]
