"""Used by _selftest only: a story whose assert is wrong must be reported with its values."""
NEEDS_MODULE = False


def story(lab):
    lab.start(module="", relay='$du = "sip:${gw1}"; t_relay();')
    gw1 = lab.gateway("gw1")
    lab.place("100")
    assert len(gw1.calls) == 2
