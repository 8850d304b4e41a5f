"""To TLS the name of a destination stays: in the URI, and as the server name that is sent.

Calls and probes go to the address of the SRV target; the gateway sees the name that was
written, not the target's, in SNI and in the R-URI (RFC 5922).
"""
import re
import socket
import ssl
import subprocess
import threading

RECORDS = {("_sips._tcp.provider.test", "SRV"): [(1, 7, 1, 5061, "a.provider.test")],
           ("a.provider.test", "A"): [(1, "${gw1}")]}

TLS = '''modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "${work}/cert.pem")
modparam("tls", "private_key", "${work}/key.pem")
modparam("tls", "verify_certificate", 0)
modparam("tls", "require_certificate", 0)
modparam("tls", "xavp_cfg", "tls")
modparam("failover_route", "tls_xavp", "tls")
'''


class TlsGateway:
    """Answers every request with 200, over TLS; remembers names and request lines."""

    def __init__(self, address, folder):
        self.names, self.requests = [], []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        context.sni_callback = lambda sock, name, ctx: self.names.append(name)
        self._socket = socket.create_server((address, 5061))
        self._context = context
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                raw, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        try:
            with self._context.wrap_socket(raw, server_side=True) as s:
                data = b""
                while chunk := s.recv(65536):
                    data += chunk
                    while b"\r\n\r\n" in data:
                        head, data = data.split(b"\r\n\r\n", 1)
                        length = re.search(rb"(?im)^Content-Length: *(\d+)", head)
                        data = data[int(length[1]) if length else 0:]
                        self.requests.append(head.decode().split("\r\n")[0])
                        s.sendall(self._answer(head.decode()))
        except OSError:
            pass

    @staticmethod
    def _answer(head):
        kept = [l for l in head.split("\r\n")[1:]
                if l.split(":")[0].lower() in ("via", "from", "to", "call-id", "cseq")]
        return ("SIP/2.0 200 OK\r\n" + "\r\n".join(kept) + "\r\nContent-Length: 0\r\n\r\n").encode()

    def close(self):
        self._socket.close()


def story(lab):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=provider.test", "-keyout", lab.work / "key.pem",
                    "-out", lab.work / "cert.pem"], check=True, capture_output=True)
    lab.dns(RECORDS)
    gateway = TlsGateway(lab.slot.gateway("gw1"), lab.work)
    lab.start(modules=["tls"], modparams=TLS, listen="enable_tls=yes\nlisten=tls:${kam}:5061\n")
    child = "eu/a.provider.test:5061"
    lab.wait(lambda: lab.set()["destinations"][0]["id"] == child, "the target")
    told = lab.dst(child)
    assert told["uri"] == "sip:provider.test:5061;transport=tls"
    assert told["address"] == f"sip:{lab.slot.gateway('gw1')}:5061;transport=tls"
    assert told["sub_priority"] == 7
    lab.place("100", method="MESSAGE")
    assert gateway.requests == ["MESSAGE sip:100@provider.test:5061;transport=tls SIP/2.0"]
    assert gateway.names == ["provider.test"]

    lab.restart()  # a new connection, made by a probe
    lab.edit_xml(('enabled="no"', 'enabled="yes"'))
    lab.rpc("failover_route.reload")
    lab.wait(lambda: lab.dst(child)["probe_rtt_ms"] > 0, "a probe is answered")
    assert "OPTIONS sip:provider.test:5061;transport=tls SIP/2.0" in gateway.requests
    assert gateway.names == ["provider.test"] * 2
    gateway.close()
