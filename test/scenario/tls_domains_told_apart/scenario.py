"""A dead TLS line is closed, and its gateway comes back, also where Kamailio (from 6.1 on) tells lines apart
by the client domain that the server name leads to, and another gateway was asked in between.
"""

TLS_CFG = '''[server:default]
method = TLSv1.2+
certificate = {work}/tls.pem
private_key = {work}/tls.key
[client:default]
method = TLSv1.2+
[client:any]
server_name = one.test
method = TLSv1.2+
[client:any]
server_name = two.test
method = TLSv1.2+
'''
PARAMS = '''modparam("tls", "config", "${work}/tls.cfg")
modparam("tls", "xavp_cfg", "tls")
modparam("failover_route", "tls_xavp", "tls")
'''


def story(lab):
    lab.allow_refused()
    lab.make_certificate()
    (lab.work / "tls.cfg").write_text(TLS_CFG.format(work=lab.work))
    lab.dns({("one.test", "A"): [(1, "${gw1}")], ("two.test", "A"): [(1, "${gw2}")]}, hostile=True)
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    apart = "tls_connection_match_domain"
    lab.start(modules=["tls"], modparams=PARAMS,
              listen="enable_tls=yes\nlisten=tls:${kam}:5061\n"
                     + (f"{apart}=1\n" if lab.knows(apart) else ""))
    lab.wait(lambda: gw1.options and gw2.options, "pings of both")
    dead = [r.channel for r in gw1.requests]
    gw1.filter = lambda msg, channel: not any(channel is d for d in dead)
    name = lab.set()["destinations"][0]["id"]
    lab.wait_health(name, "down")
    lab.wait_health(name, "up", limit=40)
