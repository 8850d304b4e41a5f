"""convert: OpenSIPS, FreeSWITCH, Asterisk, DNS SRV, lcr."""
import sqlite3
import sys
import unittest
import xml.etree.ElementTree as ET

from tool import ROOT, ToolTest

sys.path.insert(0, str(ROOT / "test"))


class Convert(ToolTest):
    def convert(self, form, *names, options=(), code=None, checked=0):
        """Sets by id and the report; the XML is good to check (checked=1: it warns)."""
        ran = self.run_tool("convert", "--json", *options, form, *names)
        if code is not None:
            self.assertEqual(ran.exit, code, ran)
        if ran.exit == 2:
            return None, ran.err
        answer = ran.json
        self.run_tool("check", self.file("result.xml", answer["xml"]), code=checked)
        self.assertNotIn("s3cret", ran.out + ran.err)
        report = [f'{i["file"]}:{i["line"]}: {i["verdict"]}: {i["text"]}' for i in answer["report"]]
        return {s.get("id"): s for s in ET.fromstring(answer["xml"].encode())}, report

    def rows(self, s, *names):
        return [tuple(d.get(n) for n in names or ("uri", "priority", "weight")) for d in s.iter("destination")]

    def attrs(self, destination):
        return {a.get("name"): a.get("value") for a in destination.iter("attribute")}

    def has(self, report, *words):
        self.assertTrue(any(all(w in line for w in words) for line in report), f"{words} in {report}")


class OpenSips(Convert):
    DISPATCHER = ("id,setid,destination,socket,state,weight,priority,attrs,description\n"
                  "1,5,sip:192.0.2.1,,0,10,1,a=b,first\n2,5,sip:192.0.2.2,udp:192.0.2.9:5060,1,30,9,,\n"
                  "3,5,sip:192.0.2.3,,2,60,1,,\n")
    GATEWAYS = ("gwid,type,address,strip,pri_prefix,attrs,probe_mode,state,socket\n"
                "gw1,1,192.0.2.1:5080,2,99,x=y,2,0,\ngw2,1,sip:192.0.2.2,0,,,0,0,udp:192.0.2.9:5060\n"
                "gw3,1,192.0.2.3,0,,,0,1,\n")
    CARRIERS = "carrierid,gwlist,flags,sort_alg,state\ncA,\"gw1=70,gw2=30\",0,W,0\ncB,\"gw3,gw2\",0,N,0\n"
    RULES = ("ruleid,groupid,prefix,gwlist,sort_alg\n7,0,49,\"gw3,#cA,#cB,nobody\",N\n8,0,50,\"gw3,#cA,#cB,nobody\",N\n"
             "9,1,,\"gw1=1,gw2=3\",W\n")

    def test_load_balancer_capacities_are_max_calls(self):
        self.file("lb.csv", "id,group_id,dst_uri,resources,probe_mode,attrs,description\n"
                  "1,1,sip:192.0.2.1:5060,pstn=32;vm=8,2,x=y,first\n2,1,sip:192.0.2.2,pstn=64,0,,\n"
                  "3,2,sip:192.0.2.3,pstn=fs://u:s3cret@192.0.2.3:8021,0,,\n4,2,sip:192.0.2.4,pstn=0,0,,\n"
                  "5,2,,pstn=5,0,,\n")
        sets, report = self.convert("opensips", "lb.csv", code=1)
        self.assertEqual(set(sets), {"lb-1", "lb-2"})
        self.assertEqual({s.get("strategy") for s in sets.values()}, {"least-calls"})
        self.assertEqual(self.rows(sets["lb-1"], "uri", "weight", "max-calls", "admin"), [
            ("sip:192.0.2.1:5060", "32", "32", None), ("sip:192.0.2.2", "64", "64", None)])
        self.assertEqual(self.rows(sets["lb-2"], "uri", "weight", "max-calls", "admin"), [
            ("sip:192.0.2.3", "1", None, None), ("sip:192.0.2.4", "1", None, "maint")])
        self.assertEqual(self.attrs(sets["lb-1"].find("destination")),
                         {"resources": "pstn=32;vm=8", "attrs": "x=y", "description": "first"})
        self.assertIsNone(sets["lb-1"].find("probe"))
        self.assertEqual(sets["lb-2"].find("probe").attrib, {"enabled": "no"})
        for line, words in ((2, "2 resources"), (3, "was not pinged"), (4, "resources has a password"),
                            (4, "no capacity is a number"), (5, "a capacity of 0"), (6, "no dst_uri")):
            self.has(report, f"lb.csv:{line}:", words)

    def test_a_database_with_dispatcher_and_load_balancer(self):
        with sqlite3.connect(self.folder / "os.db") as db:
            db.executescript("CREATE TABLE dispatcher (setid, destination); INSERT INTO dispatcher VALUES (1, 'sip:192.0.2.1');"
                             "CREATE TABLE load_balancer (group_id, dst_uri, resources);"
                             "INSERT INTO load_balancer VALUES (1, 'sip:192.0.2.2', 'pstn=3');")
        sets, _ = self.convert("opensips", "os.db", code=0)
        self.assertEqual(set(sets), {"1", "lb-1"})

    def test_dispatcher_by_weight(self):
        self.file("d.csv", self.DISPATCHER)
        sets, report = self.convert("opensips", "d.csv", options=("--algorithm", "4"))
        self.has(report, "d.csv:None: note: what OpenSIPS pings")
        self.assertEqual(sets["5"].get("strategy"), "round-robin")
        self.assertEqual(sorted(self.rows(sets["5"], "uri", "priority", "weight", "admin", "socket")), [
            ("sip:192.0.2.1", "1", "10", None, None), ("sip:192.0.2.2", "1", "30", "maint", "udp:192.0.2.9:5060"),
            ("sip:192.0.2.3", "1", "60", None, None)])
        self.has(report, "d.csv:4", "state 2")

    def test_dispatcher_by_priority_higher_first_then_as_in_the_table(self):
        self.file("d.csv", self.DISPATCHER)
        sets, report = self.convert("opensips", "d.csv", options=("--algorithm", "8"))
        self.assertEqual(self.rows(sets["5"], "uri", "priority"),
                         [("sip:192.0.2.2", "1"), ("sip:192.0.2.1", "2"), ("sip:192.0.2.3", "2")])
        self.has(report, "the higher priority first")

    def test_drouting_lists_become_sets_and_rules_stay_with_the_script(self):
        for name, text in (("g.csv", self.GATEWAYS), ("c.csv", self.CARRIERS), ("r.csv", self.RULES)):
            self.file(name, text)
        sets, report = self.convert("opensips", "r.csv", "c.csv", "g.csv")
        self.assertEqual(set(sets), {"cA", "cB", "rule-7", "rule-9"})
        self.assertEqual(self.rows(sets["cA"], "id", "priority", "weight"), [("gw1", "1", "70"), ("gw2", "1", "30")])
        self.assertEqual([r[0] for r in self.rows(sets["rule-7"], "id")], ["gw3", "gw1", "gw2"])
        self.assertLess(*[int(self.rows(sets["rule-7"], "priority")[i][0]) for i in (0, 1)])
        self.assertEqual(self.rows(sets["rule-9"], "weight"), [("1",), ("3",)])
        self.assertEqual(self.rows(sets["rule-7"], "id", "admin")[0], ("gw3", "maint"))
        self.assertEqual(self.attrs(sets["cA"][0] if sets["cA"][0].tag == "destination" else sets["cA"].find("destination")),
                         {"type": "1", "strip": "2", "pri_prefix": "99", "attrs": "x=y"})
        self.has(report, "r.csv:3", 'prefix "50"', 'frt_relay("rule-7")')
        self.has(report, "g.csv:3", "192.0.2.2 was not pinged, and is probed as the others")
        self.has(report, "there is no nobody")

    def test_passwords_and_what_is_disabled_are_said_once(self):
        self.file("g.csv", "gwid,type,address,strip,pri_prefix,attrs,probe_mode,state,socket\n"
                  "gw1,1,u:s3cret@192.0.2.1,2,,a=b;auth_pass=s3cret;c=d,2,1,\ngw2,1,192.0.2.2,0,,,0,0,\n")
        self.file("r.csv", 'ruleid,groupid,prefix,gwlist,sort_alg\n7,0,49,"gw1,gw2",N\n8,0,50,"gw1,gw2",N\n')
        sets, report = self.convert("opensips", "g.csv", "r.csv", code=1)
        for s in sets.values():
            d = next(d for d in s.iter("destination") if d.get("id") == "gw1")
            self.assertEqual((d.get("uri"), d.get("admin")), ("sip:u@192.0.2.1", "maint"))
            self.assertEqual(self.attrs(d)["attrs"], "a=b;c=d")
        self.has(report, "g.csv:2: dropped secret: auth_pass")
        self.has(report, "g.csv:2: dropped secret: the password in a URI")
        self.has(report, "g.csv:2: changed: state 1 (disabled)")
        self.assertEqual(len(report), len(set(report)))

    def drouting(self, carriers, rules, checked=0):
        """gw1 to gw3, none of them disabled."""
        self.file("g.csv", "gwid,address\ngw1,192.0.2.1\ngw2,192.0.2.2\ngw3,192.0.2.3\n")
        self.file("c.csv", carriers)
        self.file("r.csv", rules)
        return self.convert("opensips", "g.csv", "c.csv", "r.csv", checked=checked)

    def test_carriers_that_are_disabled(self):
        """By their state, and by the flag up to 2.4."""
        sets, report = self.drouting("carrierid,gwlist,flags,state\nflag,gw1,4,0\nout,gw3,0,1\non,gw2,0,0\n",
                                     'ruleid,groupid,prefix,gwlist\n1,0,,"#flag,#out,#on"\n', checked=1)
        self.assertEqual(self.rows(sets["rule-1"], "id"), [("gw2",)])
        self.has(report, "c.csv:2", "disabled: left out of set rule-1")
        self.has(report, "c.csv:3", "disabled: left out of set rule-1")
        for name, admin in (("flag", "maint"), ("out", "maint"), ("on", None)):
            self.assertEqual(self.rows(sets[name], "admin"), [(admin,)], name)
        self.has(report, "c.csv:3", "all of set out is admin=\"maint\"")

    def test_only_the_first_of_a_carrier(self):
        """Flag 2 up to 2.4, flag 1 since 3.0: it is no carrier that is disabled."""
        for head, flag, tail in (("flags", 2, ""), ("flags,sort_alg", 1, ",N")):
            sets, report = self.drouting(f"carrierid,gwlist,{head}\none,\"gw1,gw3\",{flag}{tail}\n",
                                         'ruleid,groupid,prefix,gwlist\n1,0,,"#one,gw2"\n')
            self.assertEqual(self.rows(sets["one"], "id"), [("gw1",)])
            self.assertEqual(self.rows(sets["rule-1"], "id"), [("gw1",), ("gw2",)])
            self.has(report, "c.csv:2", "only one gateway is tried, the first")

    def test_only_one_by_weight_of_a_carrier(self):
        for head, flag, tail in (("flags", 3, ""), ("flags,sort_alg", 1, ",W")):
            sets, report = self.drouting(f"carrierid,gwlist,{head}\none,\"gw1=7,gw3=3\",{flag}{tail}\n",
                                         'ruleid,groupid,prefix,gwlist\n1,0,,"#one,gw2"\n')
            self.assertEqual(sets["one"].get("max-attempts"), "1")
            self.assertEqual(self.rows(sets["one"], "id", "priority", "weight"), [("gw1", "1", "7"), ("gw3", "1", "3")])
            self.assertEqual(self.rows(sets["rule-1"], "id", "weight")[:2], [("gw1", "7"), ("gw3", "3")])
            self.has(report, "c.csv:2", "in set rule-1 a call may go on to the others")

    def test_weights_by_flag_up_to_2_4(self):
        sets, _ = self.drouting('carrierid,gwlist,flags\nw,"gw1=7,gw3=3",1\n', "ruleid,groupid,prefix,gwlist\n1,0,,#w\n")
        self.assertEqual(self.rows(sets["w"], "priority", "weight"), [("1", "7"), ("1", "3")])
        self.assertIsNone(sets["w"].get("max-attempts"))

    def test_drouting_from_sqlite(self):
        db = sqlite3.connect(self.folder / "o.db")
        db.execute("CREATE TABLE dr_gateways (gwid TEXT, address TEXT)")
        db.execute("INSERT INTO dr_gateways VALUES ('a', '192.0.2.1')")
        db.commit()
        db.close()
        sets, _ = self.convert("opensips", "o.db")
        self.assertEqual(self.rows(sets["gateways"], "id", "uri"), [("a", "sip:192.0.2.1")])

    def test_gateways_missing_exits_2(self):
        self.file("r.csv", self.RULES)
        self.assertIn("dr_gateways is missing", self.convert("opensips", "r.csv", code=2)[1])


class Lcr(Convert):
    GW = ("id,lcr_id,gw_name,ip_addr,hostname,port,params,uri_scheme,transport,strip,prefix,tag,flags,defunct\n"
          "1,1,alpha,192.0.2.1,NULL,5070,,1,2,0,00,NULL,0,NULL\n2,1,beta,NULL,gw.example.net,5060,;x=1,1,1,0,NULL,t,3,99\n"
          "3,2,gamma,2001:db8::1,NULL,NULL,,2,3,0,NULL,NULL,0,NULL\n")

    def test_gateways_alone(self):
        self.file("gw.csv", self.GW)
        sets, report = self.convert("lcr", "gw.csv")
        self.assertEqual(self.rows(sets["lcr-1"], "id", "uri", "resolve"), [
            ("alpha", "sip:192.0.2.1:5070;transport=tcp", None), ("beta", "sip:gw.example.net:5060;transport=udp;x=1", "host")])
        self.assertEqual(self.rows(sets["lcr-2"], "uri"), [("sips:[2001:db8::1];transport=tls",)])
        self.has(report, "gw.csv:3", "defunct")

    def test_rules_and_targets(self):
        self.file("gw.csv", self.GW)
        self.file("rule.csv", "id,lcr_id,prefix,from_uri,request_uri,stopper,enabled\n4,1,49,,,0,1\n5,1,50,,,0,1\n6,1,51,,,0,0\n")
        self.file("target.csv", "id,lcr_id,rule_id,gw_id,priority,weight\n1,1,4,1,1,10\n2,1,4,2,0,30\n3,1,5,1,1,10\n4,1,5,2,0,30\n5,1,6,9,0,1\n")
        sets, report = self.convert("lcr", "gw.csv", "rule.csv", "target.csv")
        self.assertEqual(set(sets), {"rule-4"})
        self.assertEqual(self.rows(sets["rule-4"], "id", "priority", "weight"), [("alpha", "1", "10"), ("beta", "0", "30")])
        self.has(report, "rule.csv:3", 'frt_relay("rule-4")')
        self.has(report, "target.csv:6", "no such gateway")


class FreeSwitch(Convert):
    XML = '''<include>
  <X-PRE-PROCESS cmd="set" data="x=y"/>
  <gateway name="carrier-a">
    <param name="username" value="joe"/>
    <param name="password" value="s3cret"/>
    <param name="proxy" value="192.0.2.1:5070"/>
    <param name="register" value="true"/>
    <param name="register-transport" value="tcp"/>
    <param name="ping" value="25"/>
    <param name="ping-max" value="5"/>
    <param name="ping-min" value="2"/>
    <param name="extension" value="auto"/>
  </gateway>
  <gateway name="carrier-b">
    <param name="realm" value="gw.example.net"/>
    <param name="outbound-proxy" value="192.0.2.2"/>
    <!-- <param name="proxy" value="192.0.2.99"/> -->
  </gateway>
  <gateway name="var"><param name="proxy" value="$${gw}"/></gateway>
</include>
'''

    def test_gateways(self):
        self.file("gw.xml", self.XML)
        sets, report = self.convert("freeswitch", "gw.xml", code=1)
        self.assertEqual(self.rows(sets["gateways"], "id", "uri"), [
            ("carrier-a", "sip:192.0.2.1:5070;transport=tcp"), ("carrier-b", "sip:192.0.2.2")])
        self.assertEqual(sets["gateways"].find("probe").attrib, {"interval": "25s", "down-interval": "25s", "rise": "2", "fall": "4"})
        self.assertEqual(self.attrs(sets["gateways"].findall("destination")[0]), {"username": "joe", "extension": "auto"})
        self.has(report, "gw.xml:5: dropped secret: carrier-a: password is dropped")
        self.has(report, "gw.xml:7: unsupported", "registering")
        self.has(report, "gw.xml:19: unsupported", "variable")
        self.has(report, "gw.xml:14: changed: sip:192.0.2.2 was not pinged, and is probed as the others of the set are")
        # in whatever order the files are; and where nobody is pinged, nobody is probed
        bare = '<gateway name="c"><param name="proxy" value="192.0.2.3"/></gateway>'
        self.file("c.xml", bare)
        report = self.convert("freeswitch", "c.xml", "gw.xml", code=1)[1]
        self.has(report, "c.xml:1: changed: sip:192.0.2.3 was not pinged")
        sets, report = self.convert("freeswitch", "c.xml", code=0)
        self.assertEqual(sets["gateways"].find("probe").attrib, {"enabled": "no"})

    def test_hostile_xml(self):
        for text in ("", "<", "<include/>", '<!DOCTYPE a [<!ENTITY x SYSTEM "/etc/passwd">]><a><gateway name="&x;"/></a>',
                     "<gateway>" * 200, "<gateway name='a'/>" * 2, '<gateway name="x"><param name="ping" value="-5"/></gateway>',
                     "<g>" + '<gateway name="a\x01"/>' + "</g>"):
            self.file("x.xml", text)
            ran = self.run_tool("convert", "freeswitch", "x.xml")
            self.assertIn(ran.exit, (0, 1, 2))
            self.assertNotIn("root:", ran.out + ran.err)


class Asterisk(Convert):
    CONF = '''; comment
[tpl](!)
type=aor
qualify_frequency=30
qualify_timeout=1.5 ; seconds
[carrier-aor](tpl)
contact=sip:192.0.2.1:5060
contact => sip:192.0.2.2\\;transport=tcp
;--
contact=sip:192.0.2.66
--;
[carrier-auth]
type=auth
username=joe
password=s3cret
[carrier]
type=endpoint
aors=carrier-aor,backup
outbound_auth=carrier-auth
outbound_proxy=sip:192.0.2.50
[backup]
type=aor
contact=sip:gw.example.net:5060
[phones]
type=aor
max_contacts=5
[alone]
type=aor
contact=sip:192.0.2.7,sip:192.0.2.8
[reg]
type=registration
#include more.conf
'''

    def test_sip_conf_is_not_read_and_that_is_said(self):
        self.file("sip.conf", "[gw]\ntype=peer\nhost=192.0.2.1\n")
        self.assertIn("sip.conf:1: unsupported: [gw] is of chan_sip (sip.conf): only pjsip.conf is read",
                      self.run_tool("convert", "asterisk", "sip.conf", code=2).err)

    def test_aors_of_an_endpoint_in_their_order(self):
        self.file("pjsip.conf", self.CONF)
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual(set(sets), {"carrier", "alone"})
        self.assertEqual(self.rows(sets["carrier"], "uri", "priority", "resolve"), [
            ("sip:192.0.2.1:5060", "1", None), ("sip:192.0.2.2;transport=tcp", "2", None),
            ("sip:gw.example.net:5060", "3", "host")])
        self.assertEqual(sets["carrier"].find("probe").attrib,
                         {"interval": "30s", "down-interval": "30s", "timeout": "1500ms", "rise": "1", "fall": "1"})
        self.assertEqual(sets["alone"].find("probe").attrib, {"enabled": "no"})
        self.assertEqual(self.rows(sets["alone"], "uri"), [("sip:192.0.2.7",), ("sip:192.0.2.8",)])
        self.has(report, "pjsip.conf:15: dropped secret")
        self.has(report, "pjsip.conf:20: unsupported", "outbound_proxy")
        self.has(report, "phones has no contact")
        self.has(report, "registration reg")
        self.has(report, "not followed: #include")

    def test_a_file_that_is_included_is_missing_in_the_result(self):
        self.file("pjsip.conf", "[a]\ntype=aor\ncontact=sip:u:s3cret@192.0.2.1\n#include other.conf\n")
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual(self.rows(sets["a"], "uri"), [("sip:u@192.0.2.1",)])
        self.has(report, "pjsip.conf:4: unsupported: not followed: #include other.conf")

    def test_lines_that_are_added_to_a_section_above(self):
        """As FreePBX writes them. Several sections may have one name: the first that fits."""
        self.file("pjsip.conf", "[a]\ntype=endpoint\naors=a\n[a]\ntype=aor\ncontact=sip:192.0.2.1\n"
                  "[a](+type=aor)\ncontact=sip:192.0.2.2\nqualify_frequency=30\n[a](+)\noutbound_proxy=sip:192.0.2.9\n"
                  "[a](+type=auth)\nusername=x\n[nobody](+)\nmax_contacts=1\n[bare]\ncontact=sip:192.0.2.3\n")
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual(self.rows(sets["a"], "uri"), [("sip:192.0.2.1",), ("sip:192.0.2.2",)])
        self.assertEqual(sets["a"].find("probe").get("interval"), "30s")
        self.has(report, "pjsip.conf:11: unsupported: [a]: outbound_proxy")
        self.has(report, "pjsip.conf:12", "[a](+type=auth): there is no such section above it")
        self.has(report, "pjsip.conf:14", "[nobody](+): there is no such section above it")
        self.has(report, "pjsip.conf:16", "[bare] has no type: left out")

    def test_comments_as_asterisk_reads_them(self):
        """";--" to "--;" is a comment of many lines, at any place of one, and within another; ";---" is one line's."""
        self.file("pjsip.conf", ";-------------\n; Trunks\n;-------------\n[a] ;--- first\ntype=aor\n"
                  "contact=sip:192.0.2.1 ;-- not\ncontact=sip:192.0.2.8\n ;-- nor --; contact=sip:192.0.2.9\n"
                  "--;\ncontact=sip:;-- here --;192.0.2.2\\;transport=tcp ; --; x\r\n;--;\n[b]\n--;contact=sip:192.0.2.3\n")
        sets, report = self.convert("asterisk", "pjsip.conf", code=0)
        self.assertEqual(self.rows(sets["a"], "uri"),
                         [("sip:192.0.2.1",), ("sip:192.0.2.2;transport=tcp",), ("sip:192.0.2.3",)])
        self.assertEqual(set(sets), {"a"})
        self.has(report, "pjsip.conf:13: converted: sip:192.0.2.3")
        self.file("pjsip.conf", "[a]\ntype=aor\ncontact=sip:192.0.2.1\n;-- old\ncontact=sip:192.0.2.2\n")
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual(self.rows(sets["a"], "uri"), [("sip:192.0.2.1",)])
        self.has(report, "pjsip.conf:4: unsupported: a comment (;--) that no --; ends")

    def test_a_value_that_is_gone_on_with(self):
        self.file("pjsip.conf", "[t](!)\ntype=aor\ncontact=sip:192.0.2.1\n[a](t)\ncontact += ,sip:192.0.2.2\n"
                  "[b]\ntype=aor\ncontact+=sip:192.0.2.3\n[c]\ntype=auth\npassword+=s3cret\n[d](t)\n")
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual({name: self.rows(s, "uri") for name, s in sets.items()}, {
            "a": [("sip:192.0.2.1",), ("sip:192.0.2.2",)], "b": [("sip:192.0.2.3",)], "d": [("sip:192.0.2.1",)]})
        self.has(report, "pjsip.conf:11: dropped secret")

    def test_one_of_a_set_that_was_not_qualified(self):
        self.file("pjsip.conf", "[e]\ntype=endpoint\naors=a,b\n[a]\ntype=aor\ncontact=sip:192.0.2.1\n[b]\ntype=aor\n"
                  "contact=sip:192.0.2.2\nqualify_frequency=60\n[c]\ntype=aor\ncontact=sip:192.0.2.3\n")
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual([s.find("probe").get("interval") for s in sets.values()], ["60s", None])
        self.has(report, "pjsip.conf:6: changed: sip:192.0.2.1 was not pinged, and is probed")
        self.assertEqual(sum("not pinged" in r for r in report), 1)

    def test_more_lines_than_a_section_may_have_are_told(self):
        lines = [f"contact=sip:192.0.2.1:{5060 + n}\n" for n in range(1004)]
        self.file("pjsip.conf", "[a]\ntype=aor\n" + "".join(lines) + "[b]\ntype=aor\ncontact=sip:192.0.2.2\n")
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual((len(self.rows(sets["a"], "uri")), len(self.rows(sets["b"], "uri"))), (999, 1))
        self.has(report, "pjsip.conf:1002: unsupported: [a]: more than 1000 lines: from here on they are left out")
        self.assertEqual(sum("more than 1000 lines" in r for r in report), 1)
        # from a template, and added from further down, too
        self.file("pjsip.conf", "".join(["[t](!)\n", *lines[:600], "[a](t)\ntype=aor\n", *lines[600:],
                                         "[a](+,t)\n"]))
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual(len(self.rows(sets["a"], "uri")), 999)
        self.assertEqual(sum("[a]: more than 1000 lines" in r for r in report), 1)

    def test_what_is_no_section_ends_the_one_above(self):
        self.file("pjsip.conf", "[a]\ntype=aor\ncontact=sip:192.0.2.1\n[b\ntype=aor\ncontact=sip:192.0.2.2\n")
        sets, report = self.convert("asterisk", "pjsip.conf", code=1)
        self.assertEqual(self.rows(sets["a"], "uri"), [("sip:192.0.2.1",)])
        self.has(report, "pjsip.conf:4: unsupported: no section: [b")

    def test_hostile_conf(self):
        for text in (b"[", b"[]", b"[a](a,a,a)\n[b](b)\n", b"=\n==\n[x]\n=>\n", b"\xff[\xff](\xff)\n\xff=\xff",
                     b"[t](!)\n" + b"contact=sip:a\n" * 3000 + b"[u](" + b"t," * 3000 + b")\ntype=aor\n",
                     b"[a]\ntype=aor\ncontact=" + b"," * 5000, b";--\n" * 50, b"[a]\ntype=aor\ncontact=tel:1\nqualify_timeout=nan\n"):
            self.file("x.conf", text)
            self.assertIn(self.run_tool("convert", "asterisk", "x.conf").exit, (0, 1, 2))


class Srv(Convert):
    def test_live_follows_the_dns(self):
        sets, report = self.convert("srv", "provider.example", code=0)
        self.assertEqual(self.rows(sets["provider.example"], "uri", "resolve"), [("sip:provider.example", "srv")])
        self.assertIn("only _sip._udp.provider.example is followed", " ".join(report))
        sets, _ = self.convert("srv", "_sip._tcp.provider.example", code=0)
        self.assertEqual(self.rows(sets["provider.example"], "uri"), [("sip:provider.example;transport=tcp",)])

    def test_no_domain_name(self):
        for name in ("a b", "sip:x", "", "x" * 300, "../x"):
            self.assertIn("not a domain name", self.convert("srv", name, code=2)[1])

    def test_frozen_has_the_targets_of_now(self):
        from lib.dns import Dnsmasq, can_mount
        if not can_mount():
            self.skipTest("no mount namespace: not root?")
        import shutil
        import subprocess
        from tool import tool
        if not shutil.which("dnsmasq"):
            self.skipTest("no dnsmasq")
        server = Dnsmasq(self.folder, "127.0.51.53", {
            ("_sip._udp.p.example", "SRV"): [("SRV", 10, 60, 5060, "a.p.example"), ("SRV", 10, 40, 5070, "b.p.example"),
                                        ("SRV", 20, 0, 5060, "c.p.example")]}, 60)
        self.addCleanup(server.close)
        self.file("resolv.conf", "nameserver 127.0.51.53\noptions timeout:2 attempts:3\n")

        def ask(name):
            return subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c",
                                   'mount --bind resolv.conf /etc/resolv.conf && exec "$@"', "sh", tool(), "convert", "--freeze",
                                   "srv", name], cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        ran = ask("p.example")
        self.assertEqual(ran.returncode, 1, ran.stderr)
        s = ET.fromstring(ran.stdout.encode())[0]
        self.assertEqual(sorted(self.rows(s)), [("sip:a.p.example:5060", "10", "60"), ("sip:b.p.example:5070", "10", "40"),
                                                ("sip:c.p.example:5060", "20", "1")])
        self.assertEqual(ask("none.example").returncode, 2)


if __name__ == "__main__":
    unittest.main()
