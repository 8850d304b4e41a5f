"""failover-route top in a terminal: an outage is seen, drain and ready by the keyboard,
resizing, sorting, filtering, and a Kamailio that goes away and comes back.
"""
import os
import signal

LIMIT = 180
DATAGRAM = '''modparam("jsonrpcs", "transport", 5)
modparam("jsonrpcs", "dgram_socket", "${work}/rpc.sock")
'''


def outage(lab, terminal, gw1):
    assert "up" in terminal.wait("carriers", "gw1", "ready")
    gw1.blackhole()
    lab.place_many(range(100, 104))
    row = terminal.wait("gw1", "down", "ready")
    assert "carriers" in row
    terminal.wait("down (traffic): 3 consecutive INVITE timeouts (500 ms each)")
    terminal.wait("1 set, 0 down; 3 destinations: 1 down 2 up")
    assert terminal.screen[4].startswith("carriers gw1"), "the worst is first"


def keyboard(lab, terminal):
    terminal.type("/")
    terminal.write("gw3")
    terminal.wait("show: gw3_")
    terminal.type("Enter")
    lab.wait(lambda: terminal.line("gw2") is None, "only gw3 is shown")
    terminal.type("Home", "d")
    terminal.wait("carriers/gw3: drain? y/n")
    terminal.type("n")
    terminal.wait("nothing was changed")
    assert lab.dst("gw3")["admin"] == "ready"
    terminal.type("d")
    terminal.wait("carriers/gw3: drain? y/n")
    terminal.type("y")
    terminal.wait("carriers/gw3: drain; 0 calls in progress")
    terminal.wait("carriers", "gw3", "drain", "drained by the operator")
    assert lab.dst("gw3")["admin"] == "drain" and lab.dst("gw2")["admin"] == "ready"
    terminal.type("r", "y")
    lab.wait(lambda: lab.dst("gw3")["admin"] == "ready", "gw3 is ready")
    terminal.wait("carriers", "gw3", "up", "ready")
    terminal.type("Escape")
    terminal.wait("gw2", "ready")
    terminal.type("e")
    terminal.wait("A new call to carriers: gw2")
    terminal.wait("- gw1", "down (traffic)")
    terminal.type("x", "h")
    terminal.wait("newest first")
    terminal.wait("dst-down gw1 up -> down: ")
    terminal.type("x", "?")
    terminal.wait("d   drain it")
    terminal.type("x")
    terminal.wait("DESTINATION")


def sizes(lab, terminal):
    assert "FAIL/S" in terminal.line("DESTINATION")
    terminal.resize(60, 20)
    terminal.type("e")
    terminal.wait("- gw1", "down (traffic)")
    terminal.wait("INVITE timeouts", "each);")
    assert "~" not in "".join(terminal.screen[4:]), "long lines go on in the next"
    terminal.type("x", "Home")
    terminal.wait("since first; hold")  # its own line, below the rest of the reason
    terminal.type("e")
    terminal.wait("A new call")
    terminal.resize(60, 10)
    lab.wait(lambda: len(terminal.screen) <= 11 and terminal.line("any other key: back"),
             "it is smaller")
    terminal.type("Down")
    lab.wait(lambda: terminal.line("A new call") is None, "it was scrolled")
    terminal.type("x")
    lab.wait(lambda: "FAIL/S" not in (terminal.line("DESTINATION") or "FAIL/S"), "fewer columns")
    assert all(len(line) <= 60 for line in terminal.screen)
    terminal.wait("DESTINATION", "REASON")
    terminal.wait("gw1", "down")
    for columns, lines in ((20, 3), (5, 1), (300, 5)):
        terminal.resize(columns, lines)
        lab.wait(lambda w=columns, h=lines: len(terminal.screen) <= h + 1, "another height")
        assert terminal.exit_code is None
    terminal.resize(160, 40)
    terminal.wait("DESTINATION", "RTT", "REASON")
    terminal.wait("q quit")


def comes_back(lab, terminal):
    lab.stop()
    terminal.wait("Kamailio does not answer", "No such file")
    terminal.wait("carriers", "gw1")
    terminal.type("d")
    terminal.wait("Kamailio does not answer")
    lab.kamailio.start()
    terminal.wait("Kamailio is back, after")
    terminal.wait("generation 1")
    assert terminal.line("does not answer") is None
    lab.rpc("failover_route.set_health", "carriers", "gw2", "down")
    terminal.wait("gw2", "down", "operator")


def hangs(lab, terminal):
    """A Kamailio that takes requests and does not answer keeps nobody from the keys."""
    lab.allow_log(r"jsonrpc_dgram_send_data")  # to one who has stopped waiting
    pid = next(p for p, what in lab.kamailio.children().items() if "DATAGRAM" in what)
    os.kill(pid, signal.SIGSTOP)
    try:
        terminal.wait("Kamailio does not answer", "no answer within 3 s")
        terminal.type("?")
        terminal.wait("d   drain it")
        terminal.type("x")
    finally:
        os.kill(pid, signal.SIGCONT)
    terminal.wait("Kamailio is back, after")


def story(lab):
    lab.start(modparams=DATAGRAM)
    gw1, _, _ = lab.gateways_named("gw1", "gw2", "gw3")
    program = lab.root / "build/failover-route"
    terminal = lab.terminal(program, "top", "-a", lab.work / "rpc.sock", "-i", "0.3")
    outage(lab, terminal, gw1)
    assert "\x1b[31m" in terminal.coloured or "\x1b[1m\x1b[31m" in terminal.coloured, "red"
    keyboard(lab, terminal)
    sizes(lab, terminal)
    comes_back(lab, terminal)
    hangs(lab, terminal)
    terminal.type("q")
    assert terminal.wait_exit() == 0, "q ends it"
    at = f"http://{lab.slot.kam}:{lab.kamailio.rpc.port}/RPC"
    terminal = lab.terminal(program, "top", "-a", at, "-s", "destination", "-r", "carriers")
    terminal.wait("carriers", "gw3")
    assert terminal.screen[4].startswith("carriers gw3"), "sorted by the name, reversed"
    lab.rpc("failover_route.remove", "carriers", "gw3")
    lab.wait(lambda: terminal.line("gw3") is None, "gw3 is gone")
    terminal.wait("2 destinations")
    terminal.type("C-c")
    assert terminal.wait_exit() == 0, "Ctrl-C ends it"
    terminal = lab.terminal(program, "top", "-a", at, "nobody")
    terminal.wait("Kamailio refuses", "no such set: nobody")
