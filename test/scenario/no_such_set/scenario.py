"""A set that the script names and the table has not: the log says which, and not with each call."""


def story(lab):
    lab.start(relay='if (!frt_relay("carrers")) send_reply("500", "No Destination");')
    for user in range(100, 120):
        assert lab.call(user).wait_final() == 500
    said = lab.log.wait_for(r"WARNING: failover_route .*no such set: carrers$")
    assert 1 <= lab.log.count("no such set") <= 2, said  # two workers
