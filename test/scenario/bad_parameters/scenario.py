"""A parameter that can mean nothing stops Kamailio at start, and the log says what was expected.

dispatcher's ds_probing_mode has a 2 and a 3: who brings them along is told.
"""

#         parameter        what it may not be           what the log must say of it
FAULTS = (
    ("probe_rate",         (0, -1, 100001),             "expected 1..100000 probes a second"),
    ("history_size",       (0, 1000001, -2147483648),   "expected 1..1000000 transitions"),
    ("state_interval",     (0, 86401),                  "expected 1..86400 seconds"),
    ("probing",            (2, 3, -1),                  "expected 0 or 1"),
    ("rescue",             (2,),                        "expected 0 or 1"),
    ("icmp",               (5,),                        "expected 0 or 1"),
    ("http_admin",         (2,),                        "expected 0 or 1"),
    ("db_write_admin",     (2,),                        "expected 0 or 1"),
    ("db_write_admin",     (1,),                        "there is no db_url"),
)


def story(lab):
    lab.log.allow(".*")
    for name, values, said in FAULTS:
        for value in values:
            lab.configure(modparams=f'modparam("failover_route", "{name}", {value})')
            code = lab.kamailio.refuses_to_start()
            assert code != 0, (name, value, code)
            assert lab.log.find(f"{name}={value}: {said}"), (name, value, lab.log.tail())

    lab.start(modparams='modparam("failover_route", "probing", 0)')  # and the good one starts
    lab.gateway("gw1"), lab.gateway("gw2")
    lab.place("100")
