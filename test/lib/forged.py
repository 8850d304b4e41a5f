"""Requests that pretend to be of a dialog: a To tag and a Route header open no way to anywhere."""


def refused(lab, victim, code):
    """Each gets this code (an ACK none), and the victim, whom it names, none of them."""
    victim.clear()
    for sum in ("", ";sum=", ";sum=0cc175b9c0f1b6a831c399e269772661"):
        headers = {"Route": f"<sip:{lab.slot.kam};lr{sum}>"}
        for method in "ACK", "INVITE", "BYE", "MESSAGE":
            call = lab.call("x", method=method, uri=f"sip:x@{victim.host}", headers=headers,
                            to="<sip:x@example.net>;tag=1")
            assert method == "ACK" or call.wait_final() == code
    assert victim.requests == []
