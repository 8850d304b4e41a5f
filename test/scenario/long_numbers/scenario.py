"""A number of any length reaches each destination, whatever the set rewrites.

With rewrite="ruri" one of some 480 characters was refused by a 500, as if all destinations
had failed.
"""


def story(lab):
    lab.start(relay='''if ($rU =~ "^2") frt_relay("hosts"); else frt_relay("carriers");''')
    gw1, gw2, gw3, gw4 = lab.gateways_named("gw1", "gw2", "gw3", "gw4")
    gw1.reject(503)
    gw3.reject(503)
    for digit, first, second in (("1", gw1, gw2), ("2", gw3, gw4)):
        for length in 400, 2000:
            user = digit * length
            assert lab.place(user).finals == [200]
            assert first.users[-1] == second.users[-1] == user
    assert gw4.calls[-1].uri == f"sip:{user}@{gw4.host}"
