"""simulate: scripts, what callers would see, comparisons, drawings."""
import xml.etree.ElementTree as ElementTree

from tool import ToolTest, config

TWO = config('''  <set id="a" try-timeout="1s">
    <destination id="gw1" uri="sip:192.0.2.1" priority="1"/>
    <destination id="gw2" uri="sip:192.0.2.2" priority="2"/>
  </set>
  <set id="b">
    <destination id="x" uri="sip:192.0.2.3"/>
  </set>''')


class Simulate(ToolTest):
    def simulate(self, script, *more, xml=TWO, code=0):
        self.file("a.xml", xml)
        self.file("s", script)
        return self.run_tool("simulate", "--script", "s", "a.xml", *more, code=code)

    def policy(self, script, *more, xml=TWO):
        return self.simulate(script, "--json", *more, xml=xml).json["policies"][0]

    def dst(self, policy, name):
        return next(d for d in policy["destinations"] if d["id"] == name)

    def steps(self, policy, name):
        return [(c["from"], c["to"]) for c in policy["changes"] if c["destination"] == name]

    def test_a_100_is_waited_for_as_long_as_the_module_does(self):
        script = "duration 3m\nrate 5\nat 1m gw1 trying\n"
        tiers = """<set id="a"%s><probe enabled="no"/>
          <destination id="gw1" uri="sip:192.0.2.1" priority="1"/>
          <destination id="gw2" uri="sip:192.0.2.2" priority="2"/></set>"""
        p = self.policy(script, xml=config(tiers % ""))
        self.assertTrue(p["callers"]["lost"] > 200)  # answer-timeout is beyond the deadline
        self.assertTrue(all(c["t_ms"] >= 120000 for c in p["changes"]))
        p = self.policy(script, xml=config(tiers % ' progress-timeout="5s"'))
        self.assertEqual(p["callers"]["lost"], 0)

    def test_a_trial_of_a_shadow_set_ends(self):
        p = self.policy("duration 30m\nrate 20\nat 2m gw1 closed\nat 5m gw1 up\n", xml=config(
            """<set id="a" shadow="yes"><probe enabled="no"/>
               <destination id="gw1" uri="sip:192.0.2.1"/>
               <destination id="gw2" uri="sip:192.0.2.2"/></set>"""))
        self.assertEqual(self.steps(p, "gw1")[-1], ("ramp", "up"))

    def test_all_is_well(self):
        p = self.policy("duration 5m\nrate 10\nring 1s-1s\nrtt 10ms\n")
        seen = p["callers"]
        self.assertEqual(seen["calls"], seen["connected"])
        self.assertTrue(2500 < seen["calls"] < 3500)
        self.assertEqual(p["changes"], [])
        self.assertEqual(self.dst(p, "gw1")["attempts"], seen["calls"])
        self.assertEqual(p["calls_by_attempts"], {"1": seen["calls"]})
        self.assertTrue(950 <= p["pdd"]["p50_ms"] <= 1060, p["pdd"])
        self.assertEqual(sum(s["calls"] for s in p["steps"]), seen["calls"])

    def test_a_black_hole_goes_down_is_probed_and_comes_back(self):
        p = self.policy("duration 10m\nrate 10\nat 2m gw1 blackhole\nat 4m gw1 up\n")
        self.assertEqual(self.steps(p, "gw1"),
                         [("up", "down"), ("down", "trial"), ("trial", "ramp"), ("ramp", "up")])
        down = p["changes"][0]
        self.assertTrue(121000 <= down["t_ms"] < 125000, down)
        self.assertIn("consecutive INVITE timeouts", down["reason"])
        self.assertTrue(p["changes"][1]["t_ms"] > 240000)
        self.assertEqual(p["callers"]["lost"], 0)
        self.assertTrue(self.dst(p, "gw2")["attempts"] > 1000)
        self.assertEqual(self.dst(p, "gw1")["step_health"][0], "up")
        self.assertEqual(self.dst(p, "gw1")["step_health"][36], "down")

    def test_an_options_200_does_not_bring_a_limping_one_back(self):
        p = self.policy("duration 10m\nrate 10\nat 1m gw1 limping\n")
        self.assertNotIn(("trial", "ramp"), self.steps(p, "gw1"))
        self.assertIn(("trial", "down"), self.steps(p, "gw1"))
        # three calls and one for each trial, and those on their way
        self.assertTrue(self.dst(p, "gw1")["failed"] < 20)

    def test_a_deaf_one_is_no_different(self):
        p = self.policy("duration 5m\nrate 10\nat 1m gw1 deaf\n")
        self.assertNotIn(("trial", "ramp"), self.steps(p, "gw1"))

    def test_a_closed_port_costs_no_time(self):
        p = self.policy("duration 2m\nrate 10\nring 1s\nat 1m gw1 closed\n")
        self.assertEqual(self.steps(p, "gw1")[0], ("up", "down"))
        self.assertTrue(p["pdd"]["max_ms"] < 1300, p["pdd"])

    def test_retry_after_is_kept_to(self):
        p = self.policy("duration 3m\nrate 10\nat 1m gw1 503 retry-after 45s\nat 61s gw1 up\n")
        first, second = p["changes"][:2]
        self.assertIn("Retry-After", first["reason"])
        self.assertTrue(45000 <= second["t_ms"] - first["t_ms"] < 47000, (first, second))

    def test_all_dead_loses_calls_and_says_so(self):
        p = self.policy("duration 2m\nrate 10\nat 1m * closed\n")
        seen = p["callers"]
        self.assertTrue(400 < seen["lost"] < 800, seen)
        self.assertEqual(seen["calls"], seen["connected"] + seen["lost"] + seen["otherwise"])
        self.assertEqual(sum(s["lost"] for s in p["steps"][:58]), 0)

    def test_the_callees_word_is_no_loss(self):
        seen = self.policy("duration 2m\nrate 10\nbusy 30%\n")["callers"]
        self.assertEqual(seen["lost"], 0)
        self.assertTrue(0.2 < seen["otherwise"] / seen["calls"] < 0.4)

    def test_a_call_that_rang_and_was_not_answered_is_no_loss(self):
        p = self.policy("duration 1m\nrate 5\nanswer 2m\n")
        self.assertEqual(p["callers"]["otherwise"], p["callers"]["calls"])
        self.assertEqual(p["changes"], [])

    def test_times_add_up(self):
        p = self.policy("duration 1m30s\nrate 5\nat 1m10s gw1 closed\n")
        self.assertEqual(p["duration_ms"], 90000)
        self.assertTrue(70000 <= p["changes"][0]["t_ms"] < 73000, p["changes"])

    def test_a_part_lossy_slow_pdd_capacity(self):
        p = self.policy("duration 4m\nrate 20\nring 0ms\nat 0s gw1 lossy 5%\n", xml=TWO.replace(
            'try-timeout="1s"', 'try-timeout="1s" retry-budget="100%"'))
        self.assertTrue(0.02 < self.dst(p, "gw1")["timeouts"] / self.dst(p, "gw1")["attempts"])
        p = self.policy("duration 1m\nrate 5\nring 0ms\nat 30s gw1 pdd 4s-4s\n")
        self.assertTrue(3900 <= p["pdd"]["max_ms"] <= 4200, p["pdd"])
        p = self.policy("duration 1m\nrate 5\nring 0ms\nat 0s gw1 slow 800ms-900ms\n")
        self.assertTrue(780 <= p["pdd"]["p50_ms"] <= 930, p["pdd"])
        p = self.policy("duration 1m\nrate 20\nat 0s gw1 capacity 10\n")
        self.assertTrue(self.dst(p, "gw1")["failed"] > 0)
        p = self.policy("duration 2m\nrate 20\nat 0s gw1 no-options\nat 1m gw1 trying\n")
        self.assertTrue(self.steps(p, "gw1"))

    def test_talk_holds_places(self):
        capped = TWO.replace('priority="1"/>', 'priority="1" max-calls="30"/>')
        brief = self.policy("duration 3m\nrate 2\nanswer 1s\n", xml=capped)
        long = self.policy("duration 3m\nrate 2\nanswer 1s\ntalk 1m\n", xml=capped)
        self.assertEqual(self.dst(brief, "gw2")["attempts"], 0)
        self.assertTrue(self.dst(long, "gw2")["attempts"] > 100)
        self.assertEqual(long["callers"]["lost"], 0)

    def test_the_rate_changes(self):
        p = self.policy("duration 2m\nrate 0\nat 30s rate 100\nat 40s rate 0\n")
        self.assertTrue(800 < p["callers"]["calls"] < 1200, p["callers"])
        self.assertEqual(sum(s["calls"] for s in p["steps"][:30] + p["steps"][40:]), 0)

    def test_equal_seeds_are_equal_and_others_are_not(self):
        script = "duration 3m\nrate 10\nat 1m gw1 503 50%\n"
        first, again = self.policy(script), self.policy(script)
        self.assertEqual(first, again)
        self.assertNotEqual(first["callers"], self.policy(script, "--seed", 2)["callers"])

    def test_compare_gives_both_the_same_calls(self):
        self.file("b.xml", TWO.replace('"1s"', '"4s"'))
        ran = self.simulate("duration 4m\nrate 10\nat 1m gw1 blackhole\n", "--json",
                            "--compare", "b.xml")
        one, other = ran.json["policies"]
        self.assertEqual(one["callers"]["calls"], other["callers"]["calls"])
        self.assertTrue(one["pdd"]["max_ms"] + 2000 < other["pdd"]["max_ms"])
        text = self.simulate("duration 4m\nrate 10\nat 1m gw1 blackhole\n",
                             "--compare", "b.xml").out
        self.assertRegex(text, r"calls +\d+ +\d+\n")
        self.assertIn("a.xml, set a", text)
        self.assertIn("b.xml, set a", text)

    def test_options_count_more_than_the_script(self):
        p = self.policy("duration 1m\nrate 1\nset a\n", "--set", "b", "--rate", "10",
                        "--duration", "30s")
        self.assertEqual((p["set"], p["duration_ms"]), ("b", 30000))
        self.assertTrue(200 < p["callers"]["calls"] < 400)

    def test_without_a_script_an_outage_is_made_up_and_told(self):
        self.file("a.xml", TWO)
        ran = self.run_tool("simulate", "a.xml", "--seed", "5", code=0)
        self.assertIn("An outage made up with seed 5", ran.out)
        self.assertRegex(ran.out, r"  at \w+ +gw\d \w+")
        self.assertNotEqual(ran.out, self.run_tool("simulate", "a.xml", "--seed", "6").out)

    def test_text_has_drawings_and_reasons(self):
        out = self.simulate("duration 10m\nrate 10\nat 2m gw1 blackhole\nat 4m gw1 up\n").out
        self.assertRegex(out, r"gw1 +[▁-█ ]{60}  \d+ attempts, \d+ failed")
        self.assertRegex(out, r"\n +─+×+[?]*/+─+\n")
        self.assertRegex(out, r"12\d\.\d s  gw1 up -> down: 3 consecutive INVITE timeouts")

    def test_a_long_name_is_cut_between_characters(self):
        for name, shown in (("g" * 13 + "\u00fcber", "g" * 13 + "\u00fcb"), ("g" * 15 + "\u00fc", "g" * 15 + " ")):
            self.file("a.xml", TWO.replace('id="gw2"', f'id="{name}"'))
            out = self.run_tool("simulate", "a.xml", "--duration", "30s", "--svg", "cut.svg", code=0).out
            self.assertRegex(out, rf"\n{shown} +[\u2581-\u2588 ]{{60}}  ")
            ElementTree.parse(self.folder / "cut.svg")

    def test_svg_is_well_formed(self):
        self.file("b.xml", TWO.replace('id="gw2"', 'id="a&amp;b"'))
        self.simulate("duration 4m\nrate 10\nat 1m gw1 blackhole\n", "--compare", "b.xml",
                      "--svg", "o.svg")
        root = ElementTree.parse(self.folder / "o.svg").getroot()
        texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("a.xml", texts)
        self.assertIn("1  at 1m: gw1 blackhole", texts)
        self.assertTrue(len(list(root.iter("{http://www.w3.org/2000/svg}path"))) >= 8)
        ran = self.simulate("duration 1m\n", "--svg", "no/o.svg", code=2)
        self.assertIn("no/o.svg", ran.err)

    def test_every_fault_of_a_script_is_told_by_line(self):
        ran = self.simulate("rate 1\nrate x\nat 5m\nat gw1 up\nat 1m gw1 sleeping\n"
                            "at 1m gw1 up twice\nbusy 200%\nclock Xyz 09:00\nat 1m gw1 503 retry-after\n"
                            "duration 0s\nwhat\nat 1m gw1 flapping\nrtt 5s-1s\n", code=2)
        lines = [line.split(": ")[1] for line in ran.err.splitlines()]
        self.assertEqual(lines, [f"s:{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)])

    def test_what_is_no_script_ends(self):
        self.file("a.xml", TWO)
        ran = self.run_tool("simulate", "--script", "/dev/zero", "a.xml", code=2)
        self.assertEqual(len(ran.err.splitlines()), 50)
        self.assertIn("s:2: a NUL is in the line", self.simulate("rate 1\nrate 2\0x\n", code=2).err)
        self.simulate("duration 1m\nrate 1")  # without its line end

    def test_a_destination_that_is_not_there_is_a_fault(self):
        ran = self.simulate("at 1m gw1,gw9 closed\n", code=2)
        self.assertIn("there is no destination gw9", ran.err)

    def test_what_cannot_be_read_exits_2(self):
        self.file("bad.xml", config('<set id="a"/>'))
        self.file("a.xml", TWO)
        self.assertIn("bad.xml:2", self.run_tool("simulate", "bad.xml", code=2).err)
        self.run_tool("simulate", "none.xml", code=2)
        self.run_tool("simulate", code=2)
        self.assertIn("no set z", self.run_tool("simulate", "a.xml", "--set", "z", code=2).err)
        self.run_tool("simulate", "a.xml", "--script", "none", code=2)

    def test_what_is_simplified_is_said(self):
        xml = TWO.replace('id="a"', 'id="a" strategy="parallel"').replace(
            'sip:192.0.2.1"', 'sip:gw.example.net" resolve="srv"')
        out = self.simulate("duration 1m\nrate 5\n", xml=xml).out
        self.assertIn("a name counts as one destination; parallel is simulated as one after", out)

    def test_every_strategy_and_the_large_table(self):
        for strategy in ("weighted", "round-robin", "hash", "least-calls", "fastest", "ordered"):
            p = self.policy("duration 1m\nrate 20\nat 20s gw1 flapping 3s\nloss 0.5%\n",
                            xml=TWO.replace('id="a"', f'id="a" strategy="{strategy}"'))
            self.assertTrue(p["callers"]["connected"] > 900, (strategy, p["callers"]))
        many = config('  <set id="a">\n' + "".join(
            f'    <destination id="d{i}" uri="sip:192.0.2.{i % 250 + 1}:{5060 + i}"/>\n'
            for i in range(400)) + "  </set>")
        p = self.policy("duration 2m\nrate 200\nat 1m * 503 20%\n", "--svg", "o.svg", xml=many)
        self.assertEqual(len(p["destinations"]), 400)
        ElementTree.parse(self.folder / "o.svg")
