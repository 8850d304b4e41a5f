"""SIP messages as text: read, asked and written (RFC 3261 sections 7, 20, 25)."""
import re

_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact",
            "l": "content-length", "c": "content-type", "k": "supported", "e": "content-encoding",
            "s": "subject", "o": "event"}
_LISTS = ("via", "route", "record-route")
_URI = re.compile(r"<([^>]*)>|^\s*([^;,\s]+)")


class Message:
    """A request (method, uri) or a response (code, phrase)."""

    def __init__(self, start, headers, body=b""):
        self.start, self.headers, self.body = start, headers, body
        self.is_request = not start.startswith("SIP/2.0 ")
        if self.is_request:
            self.method, self.uri = start.split(" ")[:2]
        else:
            self.code = int(start[8:11])
            self.phrase = start[12:]

    def get(self, name, default=""):
        """The first header of this name."""
        return next((v for n, v in self.headers if n == name.lower()), default)

    def all(self, name):
        """All values of a header in order, comma lists taken apart."""
        name, out = name.lower(), []
        for n, v in self.headers:
            if n == name:
                out += split_list(v) if name in _LISTS else [v]
        return out

    @property
    def call_id(self):
        return self.get("call-id")

    @property
    def cseq(self):
        return int(self.get("cseq", "0").split()[0])

    @property
    def cseq_method(self):
        return self.get("cseq", "0 ?").split()[1]

    @property
    def branch(self):
        vias = self.all("via")
        return param(vias[0], "branch") if vias else ""

    @property
    def to_tag(self):
        return param(self.get("to"), "tag")

    def __repr__(self):
        return f"<{self.start}>"


def split_list(value):
    """Splits at commas outside of <> and quotes."""
    return [p.strip() for p in re.findall(r'(?:<[^>]*>|"[^"]*"|[^,<"])+', value) if p.strip()]


def param(value, name):
    """The parameter of a header value, behind the URI: tag, branch ..."""
    tail = value.rpartition(">")[2]
    match = re.search(rf";\s*{name}\s*=\s*([^;,\s]+)", tail, re.I)
    return match[1] if match else ""


def uri_of(value):
    """The URI of a name-addr or addr-spec."""
    match = _URI.search(value)
    return (match[1] or match[2]) if match else ""


def user_of(uri):
    """The user part of a sip: URI, empty if it has none."""
    rest = uri.split(":", 1)[-1]
    return rest.split("@", 1)[0] if "@" in rest else ""


def host_port(uri, default=5060):
    """(host, port) of a sip: URI, without the brackets of IPv6."""
    rest = uri.split(":", 1)[1].split("@")[-1]
    rest = re.split(r"[;?>]", rest)[0]
    match = re.match(r"\[([^\]]+)\](?::(\d+))?$|([^:]+)(?::(\d+))?$", rest)
    return match[1] or match[3], int(match[2] or match[4] or default)


def parse(data):
    """A Message from bytes; ValueError if it is none."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split("\r\n")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"no header: {line!r}")
        name = name.strip().lower()
        headers.append((_COMPACT.get(name, name), value.strip()))
    return Message(lines[0], headers, body)


def build(start, headers, body=b""):
    """Bytes of a message; Content-Length is added."""
    if isinstance(body, str):
        body = body.encode()
    lines = [start] + [f"{n}: {v}" for n, v in headers] + [f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def take(buffer):
    """Takes the first whole message off a bytearray read from a stream, or None."""
    while buffer[:2] == b"\r\n":
        del buffer[:2]
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    match = re.search(rb"\r\n(?:content-length|l)\s*:\s*(\d+)", bytes(buffer[:end]), re.I)
    size = end + 4 + (int(match[1]) if match else 0)
    if len(buffer) < size:
        return None
    data = bytes(buffer[:size])
    del buffer[:size]
    return data


PHRASES = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 183: "Session Progress",
    200: "OK", 202: "Accepted", 302: "Moved Temporarily", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 407: "Proxy Authentication Required",
    408: "Request Timeout", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated",
    488: "Not Acceptable Here", 500: "Server Internal Error", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Server Time-out", 600: "Busy Everywhere", 603: "Decline",
}
