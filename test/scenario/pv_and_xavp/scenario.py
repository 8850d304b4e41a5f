"""Scripts and CDRs can read what became of a call: $frt(...) and $xavp(frt=>...).

In branch and reply routes while it happens, in acc's extra columns at the end: the
path gw1:503>gw2:200 and the attributes of the destination that answered.
"""

RELAY = '''setflag(1);
	t_on_branch("B");
	t_on_reply("R");
	if (!frt_relay("$var(set)", "$rU")) send_reply("500", "None");'''
BEFORE = '$var(set) = "carriers"; if ($rU == "107") $var(set) = "7";'
ROUTES = '''branch_route[B] {
	xlog("L_NOTICE", "B $rU $frt(set)/$frt(id) $frt(uri) attempt=$frt(attempt) "
		"prefix=$xavp(frt=>attr_prefix) class=$xavp(frt=>attr_route-class)\\n");
}
onreply_route[R] {
	if (status =~ "[2-6]..") xlog("L_NOTICE", "R $rs $frt(id) path=$frt(path)\\n");
}'''
ACC = '''modparam("acc", "log_flag", 1)
modparam("acc", "failed_transaction_flag", 1)
modparam("acc", "log_extra", "set=$xavp(frt=>set);gw=$xavp(frt=>id);uri=$xavp(frt=>uri);'''  \
      '''tries=$xavp(frt=>attempt);path=$xavp(frt=>path);prefix=$xavp(frt=>attr_prefix)")'''


def story(lab):
    lab.start(before=BEFORE, relay=RELAY, routes=ROUTES, modparams=ACC)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")

    lab.place("100")
    lab.log.wait_for(rf"B 100 carriers/gw1 sip:{gw1.host} attempt=1 prefix=99 class=<null>")
    lab.log.wait_for(rf"ACC: .*code=200.*set=carriers;gw=gw1;uri=sip:{gw1.host};tries=1;"
                     r"path=gw1:200;prefix=99")

    gw1.reject(503)
    lab.place("101")
    lab.log.wait_for(rf"B 101 carriers/gw2 sip:{gw2.host} attempt=2 prefix=88 class=gold")
    lab.log.wait_for(r"ACC: .*code=200.*gw=gw2;uri=[^;]*;tries=2;path=gw1:503>gw2:200;prefix=88")

    gw1.blackhole()
    gw2.reject(486)
    lab.place("102", expect=486)
    lab.log.wait_for(r"ACC: .*code=486.*gw=gw2;uri=[^;]*;tries=2;path=gw1:408>gw2:486;prefix=88")

    gw1.answer()
    lab.place("107")  # a set is found by its number as well
    lab.log.wait_for("B 107 carriers/gw1 ")
    assert lab.log.count("^.*B 10[0-9] ") == 6
