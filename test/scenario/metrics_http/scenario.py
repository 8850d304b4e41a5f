"""Prometheus scrapes the module at /metrics; promtool finds nothing to complain about.

Every destination from the first second, also those disabled; gzip for who takes it; one set by
?set=; other paths are the script's. A real Prometheus sees an outage.
"""
import gzip
import http.client
import shutil
import subprocess

from lib.http import fetch
from lib.prometheus import Prometheus


def check_texts(lab):
    code, headers, body = fetch(lab, "/metrics")
    assert code == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    if shutil.which("promtool"):
        told = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True,
                              check=False, timeout=30)
        assert told.returncode == 0 and not told.stderr, told.stderr
    text = body.decode()
    for gw, admin in (("gw1", 0), ("gw2", 0), ("gw3", 2)):
        assert f'destination_admin{{set="carriers",destination="{gw}"}} {admin}\n' in text
        assert f'destination_attempts_total{{set="carriers",destination="{gw}"}} 0\n' in text
    code, headers, packed = fetch(lab, "/metrics", Accept_Encoding="deflate, gzip;q=1.0")
    assert code == 200 and headers["Content-Encoding"] == "gzip"
    assert b"failover_route_generation 1" in gzip.decompress(packed)
    assert len(packed) * 5 < len(body)
    code, headers, _ = fetch(lab, "/metrics", Accept_Encoding="gzip;q=0")
    assert code == 200 and headers["Content-Encoding"] is None
    code, _, body = fetch(lab, "/metrics?set=other")
    assert code == 200 and b'set="other"' in body and b'set="carriers"' not in body
    assert fetch(lab, "/metrics?set=none")[0] == 404
    assert fetch(lab, "/metrics", "POST")[0] == 405
    assert fetch(lab, "/elsewhere")[0] == 404


def check_head(lab):
    """No text comes with a HEAD: the next answer of the connection is whole."""
    connection = http.client.HTTPConnection(lab.slot.kam, 8080, timeout=20)
    for method, path, expect in (("HEAD", "/metrics", 200), ("HEAD", "/failover/admin", 405),
                                 ("HEAD", "/metrics?set=none", 404), ("GET", "/metrics?set=other", 200)):
        connection.request(method, path)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == expect, (method, path, answer.status)
    assert text.startswith(b"# HELP")
    connection.close()


def story(lab):
    lab.start(http="if (frt_http()) exit;")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    check_texts(lab)
    check_head(lab)
    prometheus = Prometheus(lab)
    try:
        health = 'failover_route_destination_health{destination="gw1"}'
        lab.wait(lambda: prometheus.value(health) == 1, "Prometheus sees gw1 up", 60)
        gw1.reject(503)
        lab.place_many((100, 101, 102, 103))
        lab.wait(lambda: prometheus.value(health) == 0, "Prometheus sees gw1 down", 30)
        moved = 'failover_route_destination_failovers_to_total{destination="gw2"}'
        slow = 'failover_route_destination_post_dial_delay_seconds_count{destination="gw2"}'
        # what showed it down may have been scraped before the last call
        lab.wait(lambda: (prometheus.value(moved), prometheus.value(slow)) == (3, 4), "all four calls", 30)
        assert len(gw2.calls) == 4
    finally:
        prometheus.stop()
