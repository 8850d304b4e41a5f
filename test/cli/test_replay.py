"""replay: recorded calls, from records and from packets, under another policy."""
import shutil
import socket
import struct
import unittest

from tool import ToolTest, config

XML = config('''  <set id="carriers" try-timeout="4s">
    <destination id="gw1" uri="sip:192.0.2.1" priority="1"/>
    <destination id="gw2" uri="sip:192.0.2.2:5062" priority="2"/>
  </set>''')
HEAD = "method,callid,sip_code,sip_reason,time,dst,frt_set,frt_path"


def row(second, n, path, code, frt_set="carriers", method="INVITE"):
    time = f"2026-11-20 10:{second // 60:02}:{second % 60:02}"
    return f'{method},"c{second}-{n}",{code},OK,{time},{1000 + second * 7 % 300},{frt_set},{path}'


def outage():
    """Two calls a second for five minutes; gw1 is silent in the second and third, and
    the policy of that day tried it first all the same."""
    rows = []
    for second in range(300):
        silent = 60 <= second < 180
        for n in range(2):
            busy = (second + n) % 10 == 0
            end = "486" if busy else "200"
            rows.append(row(second, n, f"gw1:408>gw2:{end}" if silent else f"gw1:{end}", end))
    return rows


class Replay(ToolTest):
    def replay(self, name, text, *more, xml=XML, code=0):
        self.file("a.xml", xml)
        self.file(name, text)
        return self.run_tool("replay", "a.xml", name, *more, code=code)

    def results(self, name, text, *more, xml=XML):
        out = self.replay(name, text, "--json", *more, xml=xml).json
        return out["recorded"], out["policies"][0]

    def test_csv_tells_what_another_policy_would_have_done(self):
        recorded, policy = self.results("acc.csv", "\n".join([HEAD, *outage()]) + "\n")
        self.assertEqual(recorded["callers"], {"calls": 600, "connected": 540, "otherwise": 60,
                                               "lost": 0})
        self.assertEqual(recorded["calls_by_attempts"], {"1": 360, "2": 240})
        # the callees do what they did, wherever the calls go
        self.assertEqual(policy["callers"], recorded["callers"])
        self.assertTrue(policy["calls_by_attempts"]["2"] < 20)
        steps = [(c["destination"], c["from"], c["to"]) for c in policy["changes"]]
        self.assertEqual(steps[:3], [("gw1", "up", "down"), ("gw1", "down", "trial"),
                                     ("gw1", "trial", "ramp")])
        self.assertTrue(60000 < policy["changes"][0]["t_ms"] < 75000)
        self.assertTrue(180000 < policy["changes"][1]["t_ms"] < 260000)
        evidence = policy["evidence"]
        self.assertEqual(sum(evidence.values()), policy["attempts"])
        self.assertTrue(evidence["as_recorded"] > 500, evidence)

    def test_syslog_lines_are_the_same_calls(self):
        csv, policy = self.results("acc.csv", "\n".join([HEAD, *outage()]) + "\n")
        lines = []
        for number, line in enumerate(outage()):
            _, call, code, _, _, dst, name, path = line.split(",")
            call = call.strip('"')
            time = 1795600800 + number // 2
            lines.append(
                f"Nov 20 10:00:00 sip kamailio[7]: NOTICE: acc [acc.c:287]: acc_log_request(): "
                f"ACC: transaction answered: timestamp={time};method=INVITE;from_tag=a;to_tag=b;"
                f"call_id={call};code={code};reason=OK;src=x;dst={dst};src_ip=192.0.2.9;"
                f"frt_path={path};frt_set={name};frt_dst=gw1")
            lines.append("Nov 20 10:00:00 sip kamailio[7]: NOTICE: something else")
        other, same = self.results("kamailio.log", "\n".join(lines))
        self.assertEqual(other["callers"], csv["callers"])
        self.assertEqual(same["callers"], policy["callers"])
        self.assertEqual(same["changes"], policy["changes"])

    def test_records_of_one_second_are_no_burst(self):
        rows = [row(7, n, "gw1:200", 200) for n in range(100)]
        recorded, _ = self.results("acc.csv", "\n".join([HEAD, *rows]))
        self.assertEqual(recorded["duration_ms"], 990 + 1000)

    def test_a_path_with_forks_and_open_ends_and_colons(self):
        rows = [row(1, 0, "gw1:503+gw2>gw1:200", 200), row(2, 0, "srv/x:5060:200", 200)]
        recorded, _ = self.results("acc.csv", "\n".join([HEAD, *rows]))
        self.assertEqual([(d["id"], d["attempts"]) for d in recorded["destinations"]],
                         [("gw1", 2), ("gw2", 0), ("srv/x:5060", 1)])

    def test_other_sets_methods_and_records_without_a_path_are_passed_over(self):
        rows = [row(1, 0, "gw1:200", 200), row(2, 0, "x:200", 200, frt_set="other"),
                row(3, 0, "gw1:200", 200, method="BYE"), "INVITE,c,200,OK,never,1,carriers,gw1:200"]
        ran = self.replay("acc.csv", "\n".join([HEAD, *rows]))
        self.assertIn("1 call in 1s; 1 record without a path or time passed over; "
                      "1 of other sets", ran.out)

    def test_calls_that_were_lost_are_told(self):
        rows = [row(s, 0, "gw1:503>gw2:503", 500) for s in range(30)]
        rows += [row(40, 0, "", 500)]
        recorded, policy = self.results("acc.csv", "\n".join([HEAD, *rows]))
        self.assertEqual((recorded["callers"]["lost"], recorded["nowhere"]), (31, 1))
        self.assertTrue(policy["callers"]["lost"] > 25)

    def test_a_call_that_the_script_answered_itself_is_not_lost(self):
        recorded, _ = self.results("acc.csv", "\n".join(
            [HEAD, row(0, 0, "gw1:200", "200"), row(1, 0, "", "200"), row(2, 0, "", "503")]) + "\n")
        self.assertEqual((recorded["callers"]["lost"], recorded["nowhere"]), (1, 1))

    def test_what_nobody_knows_is_said_to_be_assumed(self):
        rows = [row(s, 0, "gw1:503", 500) for s in range(30)]
        _, policy = self.results("acc.csv", "\n".join([HEAD, *rows]))
        self.assertTrue(policy["evidence"]["assumed_up"] > 20, policy["evidence"])
        self.assertEqual(policy["callers"]["lost"], 0)

    def test_near_bounds_what_one_call_tells_of_another(self):
        rows = [row(0, 0, "gw2:503", 500), *(row(s, 0, "gw1:503", 500) for s in range(30))]
        _, wide = self.results("acc.csv", "\n".join([HEAD, *rows]))
        _, narrow = self.results("acc.csv", "\n".join([HEAD, *rows]), "--near", "2")
        self.assertTrue(wide["callers"]["lost"] > narrow["callers"]["lost"])

    def test_compare_svg_and_text(self):
        self.file("b.xml", XML.replace('"4s"', '"1s"'))
        out = self.replay("acc.csv", "\n".join([HEAD, *outage()]), "--compare", "b.xml",
                          "--svg", "o.svg").out
        self.assertRegex(out, r"calls +600 +600 +600\n")
        self.assertRegex(out, r"a.xml: of its \d+ attempts [\d.]+ % as recorded")
        self.assertIn("acc.csv, set carriers (as recorded)", out)
        self.assertIn("not recorded", (self.folder / "o.svg").read_text())

    def test_a_name_is_no_command_to_the_terminal(self):
        table, trace = "a\x1b[1m.xml", "acc\x1b[2J.csv"
        self.file(table, XML)
        self.file(trace, "\n".join([HEAD, *outage()[:20]]) + "\n")
        out = self.run_tool("replay", table, trace, code=0).out
        self.assertNotIn("\x1b", out)
        self.assertIn("acc?[2J.csv: 20 calls in", out)
        self.assertIn("\na?[1m.xml: of its", out)
        self.assertIn("\na?[1m.xml, set carriers", out)

    def test_what_is_no_trace_exits_2(self):
        for text in ("", "a,b,c\n1,2,3\n", HEAD + "\n", "\0\1\2", "ACC: nothing\n", '"' * 500,
                     HEAD + "\n" + ",".join('"' * 9),
                     "\n".join([HEAD, row(1, 0, "gw1:200", 200),
                                row(1, 0, "gw1:200", 200).replace("2026", "2016")])):
            self.replay("t", text, code=2)
        self.file("a.xml", XML)
        self.run_tool("replay", "a.xml", "none", code=2)
        self.run_tool("replay", "a.xml", code=2)
        self.run_tool("replay", "none.xml", "t", code=2)


# --- packets ------------------------------------------------------------------------

def packet(when, src, dst, text):
    """An UDP packet as a capture has it, without Ethernet."""
    (a, aport), (b, bport) = src, dst
    body = text.replace("\n", "\r\n").encode()
    udp = struct.pack(">HHHH", aport, bport, 8 + len(body), 0) + body
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                     socket.inet_aton(a), socket.inet_aton(b))
    data = ip + udp
    return struct.pack("<IIII", int(when), int(when % 1 * 1e6), len(data), len(data)) + data


def message(first, call, branch, tag=""):
    return (f"{first}\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{branch}\nFrom: <sip:a@x>;tag=1\n"
            f"To: <sip:100@x>{';tag=2' if tag else ''}\nCall-ID: {call}\nCSeq: 1 INVITE\n"
            f"Content-Length: 0\n\n")


KAMAILIO, CALLER = ("192.0.2.9", 5060), ("198.51.100.7", 5060)
GW1, GW2 = ("192.0.2.1", 5060), ("192.0.2.2", 5062)


def one_call(when, n, silent):
    """From the caller to Kamailio, and on to gw1, and if that is silent to gw2."""
    invite = f"INVITE sip:{1000 + n % 50}@x SIP/2.0"
    yield when, CALLER, KAMAILIO, message(invite, f"c{n}", f"caller{n}")
    for gw, branch in ((GW1, "a"), (GW2, "b")):
        at = when + (4 if gw is GW2 else 0.01)
        yield at, KAMAILIO, gw, message(invite, f"c{n}", f"{branch}{n}")
        if gw is GW1 and silent:
            yield at + 0.5, KAMAILIO, gw, message(invite, f"c{n}", f"{branch}{n}")
            continue
        for delay, code in ((0.02, "100 Trying"), (1.2, "180 Ringing"), (3, "200 OK")):
            yield at + delay, gw, KAMAILIO, message(f"SIP/2.0 {code}", f"c{n}", f"{branch}{n}", "t")
        return


class Capture(ToolTest):
    replay, results = Replay.replay, Replay.results

    @unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
    def test_packets_tell_calls_and_delays(self):
        packets = sorted(p for n in range(240)
                         for p in one_call(1795600800 + n, n, 60 <= n < 150))
        data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101) + b"".join(
            packet(*p) for p in packets)
        recorded, policy = self.results("t.pcap", data)
        self.assertEqual(recorded["callers"], {"calls": 240, "connected": 240, "otherwise": 0,
                                               "lost": 0})
        self.assertEqual(recorded["calls_by_attempts"], {"1": 150, "2": 90})
        self.assertTrue(1190 <= recorded["pdd"]["p50_ms"] <= 1240, recorded["pdd"])
        self.assertTrue(5100 <= recorded["pdd"]["p99_ms"] <= 5400, recorded["pdd"])
        # down after three silences: most callers would not have waited
        self.assertEqual(policy["changes"][0]["to"], "down")
        self.assertTrue(1190 <= policy["pdd"]["p90_ms"] <= 1260, policy["pdd"])
        self.assertTrue(policy["calls_by_attempts"]["2"] < 15)

    @unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
    def test_a_capture_of_something_else_exits_2(self):
        data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
        other = data + packet(1, CALLER, ("192.0.2.77", 5060),
                              message("INVITE sip:1@x SIP/2.0", "c", "b"))
        self.assertIn("there are no calls", self.replay("t.pcap", data, code=2).err)
        self.assertIn("no INVITE in it", self.replay("t.pcap", other, code=2).err)
        self.replay("t.pcap", data[:20], code=2)

    def test_without_tshark_it_says_so(self):
        data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
        self.file("a.xml", XML)
        self.file("t.pcap", data)
        if not shutil.which("tshark", path="/usr/sbin:/usr/local/sbin"):
            ran = self.run_tool("replay", "a.xml", "t.pcap", code=2, env={"PATH": "/nowhere"})
            self.assertIn("needs tshark", ran.err)
