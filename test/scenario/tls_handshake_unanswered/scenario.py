"""A TLS connection whose handshake nobody answers, as of a load balancer with nothing behind it,
does not keep a gateway down: the next ping begins a new one.
"""
import socket


def story(lab):
    lab.allow_refused()
    lab.allow_log("precreated request failed")  # between the two that listen
    lab.make_certificate()
    gw1 = lab.gateway("gw1")
    gw1.close()
    with socket.socket() as port:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.bind((gw1.host, 5061))
        port.listen()
        port.settimeout(30)
        lab.start(tls=True)
        dead, _peer = port.accept()
    with dead:
        lab.wait_health("gw1", "down")
        gw1.open()
        lab.wait_health("gw1", "up")
    lab.place("100")
    assert gw1.users == ["100"]
