"""Plain HTTP to a scenario's Kamailio, with any header, also those a browser would not let through."""
import http.client
import json


def fetch(lab, path, method="GET", body=None, host=None, **headers):
    """(code, headers, body). Underscores in names of headers are dashes."""
    connection = http.client.HTTPConnection(lab.slot.kam, 8080, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or f"{lab.slot.kam}:8080")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def ask_admin(lab, body, host=None, without=(), **more):
    """(code, body) of a POST as the status page makes it, but for what is given otherwise."""
    headers = {"Content_Type": "application/json", "X_Failover_Route": "1",
               "Origin": f"http://{host or lab.slot.kam + ':8080'}", **more}
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    code, _, text = fetch(lab, "/failover/admin", "POST", body, host,
                          **{k: v for k, v in headers.items() if k not in without})
    return code, text
