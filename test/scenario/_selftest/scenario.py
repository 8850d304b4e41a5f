"""The test framework proves itself on a Kamailio without our module.

Plain $du and t_relay stand in for it. Single calls of every method over UDP, TCP
and IPv6, every gateway behaviour, SIPp as gateway and as load, and three
scenarios that must fail and are caught: a wrong assert, a dead child, a hang.
"""
import os
import re
import socket
import subprocess
import sys
import threading
import time

from lib.processes import alive

NEEDS_MODULE = False
LIMIT = 180

RELAY = '''
	$du = "sip:${gw1}";
	if ($rU =~ "^2") $du = "sip:${gw2}";
	if ($rU =~ "^3") $du = "sip:${gw1};transport=tcp";
	if ($rU =~ "^6") $du = "sip:${gw1_6}";
	if ($rU =~ "^7") { t_set_fr(300, 300); }
	if ($rU =~ "^8") { sl_send_reply("503", "One"); sl_send_reply("480", "Two"); exit; }
	if ($rU =~ "^9") { ds_select_dst("1", "4"); }
	if (!t_relay()) send_reply("500", "Not sent");
'''


def params():
    told = subprocess.run(["kamailio", "-v"], capture_output=True, text=True, check=True).stdout
    lines = ['modparam("dispatcher", "list_file", "${work}/dispatcher.list")']
    if [int(n) for n in re.search(r"(\d+)\.(\d+)\.(\d+)", told).groups()] >= [6, 1, 4]:
        # Else tm takes no reply to a call that has timed out, and the core forwards it.
        lines.append('modparam("tm", "reply_matching", 0)')
    return "\n".join(lines)


def story(lab):
    (lab.work / "dispatcher.list").write_text(f"1 sip:{lab.slot.gateway('gw2')}:5060\n")
    lab.start(module="", relay=RELAY, modules=["dispatcher"], ipv6=True, modparams=params())
    gw1 = lab.gateway("gw1")
    gw2 = lab.sipp_gateway("gw2", "answer")
    gw6 = lab.gateway("gw1", ipv6=True)

    methods(lab, gw1, gw6)
    behaviours(lab, gw1)
    arrival(lab, gw1)
    callers_view(lab, gw1)
    dialogs(lab, gw1)
    loads(lab, gw1, gw2)
    remote_control(lab)
    must_fail(lab)


def methods(lab, gw1, gw6):
    for method in ("INVITE", "REGISTER", "MESSAGE", "SUBSCRIBE", "OPTIONS"):
        for transport in ("udp", "tcp"):
            lab.place("100", method=method, transport=transport)
            lab.place("300", method=method, transport=transport)
            lab.place("600", method=method, transport=transport, ipv6=True)
        assert gw1.count(method) == 4
        assert gw6.count(method) == 2
    assert [r.transport for r in gw1.calls] == ["udp", "tcp", "udp", "tcp"]
    assert len(gw1.byes) == 4 and len(gw1.acks) == 4
    assert gw1.requests[0].get("record-route") != ""


def behaviours(lab, gw1):
    gw1.clear()
    gw1.reject(503, {"Retry-After": "30"})
    call = lab.place("100", expect=500)  # tm never forwards a lone 503
    assert call.finals == [500] and len(gw1.calls) == 1
    gw1.reject(486, delay=0.3)
    assert lab.place("100", expect=486).final_ms >= 300
    gw1.mode = lambda request: [(0, 183, None), (0.1, 404, {"X-Why": request.user})]
    assert lab.place("101", expect=404).codes == [183, 404]
    for silent, provisional in (("deaf", []), ("blackhole", []), ("trying", []),
                                ("ringing", [180])):
        gw1.mode = silent
        call = lab.place("700", expect=408)
        assert call.codes == provisional + [408]
    gw1.slow(0.4)
    assert 400 <= lab.place("100").pdd_ms < 5000
    gw1.ringing_then(480, after=0.1)
    assert lab.place("100", expect=480).codes == [180, 480]
    gw1.limp()
    lab.place("100", expect=500)
    gw1.answer()
    gw1.close()
    lab.wait_closed(gw1)
    lab.allow_refused()
    assert lab.place("300", expect=500).final_ms < 2000
    gw1.open()
    lab.place("300")


def arrival(lab, gw1):
    """A request has the time of its arrival, however late the gateway comes to it."""
    gw1.clear()
    hold = threading.Event()
    lab.reactor.loop.call_soon_threadsafe(hold.wait)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((lab.slot.load, 0))
        here = "{}:{}".format(*sock.getsockname())
        sock.sendto(f"OPTIONS sip:late@{gw1.host} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bKlate\r\n"
                    f"From: <sip:{here}>;tag=1\r\nTo: <sip:late@{gw1.host}>\r\nCall-ID: late\r\n"
                    "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n".encode(), (gw1.host, 5060))
        time.sleep(0.1)
        freed = time.monotonic()
        hold.set()
        lab.wait(lambda: gw1.count("OPTIONS") == 1, "the OPTIONS")
    assert gw1.requests[0].time < freed


def callers_view(lab, gw1):
    call = lab.call("800")  # the script sends two final responses
    lab.wait(lambda: len(call.finals) == 2, "both final responses")
    assert call.finals == [503, 480]
    gw1.clear()
    gw1.ringing()
    call = lab.call("100")
    call.wait_code(180)
    assert call.cancel() == 200
    assert call.wait_final() == 487
    lab.wait(lambda: len(gw1.cancels) == 1, "the gateway gets the CANCEL")
    gw1.blackhole()
    gw1.clear()
    lab.call("100")
    lab.wait(lambda: len(gw1.requests) == 3, "the INVITE and two retransmissions")
    assert len(gw1.calls) == 1
    gw1.answer()


def dialogs(lab, gw1):
    gw1.clear()
    for user, options in (("100", {}), ("300", {"transport": "tcp"})):
        call = lab.call(user, **options)
        assert call.wait_final() == 200
        assert call.reinvite() == 200
        assert gw1.hangup(gw1.calls[-1]).wait() == 200
        assert [r.method for r in call.requests] == ["BYE"]
    assert gw1.count("INVITE") == 4 and len(gw1.calls) == 2
    gw1.clear()
    call = lab.call("100", auto_ack=False)
    call.wait_final()
    time.sleep(0.8)  # long enough for the gateway to repeat its 200
    call.ack()
    lab.wait(lambda: len(gw1.acks) == 1, "the ACK")
    assert call.finals == [200] and call.bye() == 200


def loads(lab, gw1, gw2):
    gw1.clear()
    for prefix in ("1", "2", "9"):
        load = lab.load(rate=20, seconds=3, users=[f"{prefix}{n:02}" for n in range(10)]).wait()
        assert load.placed == 60 and load.connected == 60 and load.failed == 0, load.errors
        assert len(load.answer_ms) == 60 and load.quantile(0.5) < 1000
    assert len(gw1.calls) == 60 and len(set(gw1.users)) == 10 and len(gw1.byes) == 60
    lab.wait(lambda: gw2.calls == 120, "SIPp counts the calls of two loads")
    gw1.reject(486)
    load = lab.load(rate=20, seconds=0.5, users=["100"]).wait()
    assert load.failed == 10 and load.connected == 0
    gw1.answer()
    for scenario, code in (("busy486", 486), ("reject503", 500), ("trying_silence", None)):
        gw2.close()
        gw2 = lab.sipp_gateway("gw2", scenario)
        call = lab.call("200")
        if code is None:
            lab.wait(lambda: gw2.calls == 1, "the INVITE")
            assert call.cancel() == 200
        else:
            assert call.wait_final() == code


def remote_control(lab):
    assert int(lab.rpc("core.uptime")["uptime"]) >= 0
    assert "uptime" in lab.kamcmd("core.uptime")
    lab.allow_log("method callback not found")
    assert lab.fault("no.such").code in (500, -32601)
    try:
        lab.kamcmd("no.such")
        raise AssertionError("kamcmd accepted an unknown command")
    except lab.RpcFault as fault:
        assert "not found" in fault.message
    assert lab.shm_bytes("tm") > 0
    before = lab.kamailio.pid
    lab.restart()
    assert lab.kamailio.pid != before and lab.place("100").status == 200
    lab.kill()
    lab.kamailio.start()
    assert lab.place("100").status == 200


def must_fail(lab):
    expected = {"_must_fail_assert": r"line \d+: assert .*len\(gw1.calls\) is 1",
                "_must_fail_trap": r"in the log: .*child process .* exited",
                "_must_fail_late": r"not done after its limit of 4 s"}
    env = {**os.environ, "FRT_SCENARIO_BUILD": str(lab.work / "inner")}
    done = subprocess.run([sys.executable, "-B", lab.folder.parent / "run", "-j3", *expected],
                          capture_output=True, text=True, env=env, timeout=90)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "0 passed, 3 failed"
    for name, reason in expected.items():
        assert re.search(rf"^FAIL {name} .*{reason}", done.stdout, re.M), done.stdout
    left = (lab.work / "inner/_must_fail_late/left_behind").read_text().split()
    assert not [pid for pid in left if alive(pid)]
    none = subprocess.run([sys.executable, "-B", lab.folder.parent / "run", "no_such_name"],
                          capture_output=True, text=True, timeout=30)
    assert none.returncode == 1 and none.stdout == ""
    assert none.stderr == "no scenario is named no_such_name\n"
