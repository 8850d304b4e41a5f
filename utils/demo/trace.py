"""What the caller saw: SIPp's message trace, read while it is written.

Every figure about calls comes from here, that is from outside of Kamailio:
when the INVITE left, when something other than 100 came back, and from where.
"""
import re
from dataclasses import dataclass
from datetime import datetime, timezone

# Later releases of SIPp write T and Z; either is UTC here, by TZ.
_HEAD = re.compile(rb"^-{20,} (\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d+Z?)\r?\n", re.M)
_CONTACT = re.compile(r"^Contact:\s*<sip:(?:[^@>]*@)?([^>;]+)", re.M | re.I)
_CALL_ID = re.compile(r"^Call-ID:\s*(\S+)", re.M | re.I)
_CSEQ = re.compile(r"^CSeq:\s*\d+\s+(\w+)", re.M | re.I)


@dataclass
class Call:
    """Times are seconds since 1970; None: it has not happened."""
    call_id: str
    placed: float
    progress: float = None      # the first 18x or 200
    ended: float = None         # the final response
    code: int = None
    contact: str = None         # host:port of who answered
    hung_up: float = None       # the BYE's final response
    bye_code: int = None

    @property
    def connected(self):
        return self.code == 200

    @property
    def delay_ms(self):
        """Post-dial delay: from INVITE to ringing or answer."""
        return None if self.progress is None else (self.progress - self.placed) * 1000


class Trace:
    def __init__(self, path):
        self._path, self._rest, self._at = path, b"", 0
        self.calls = {}     # by Call-ID, in the order they were placed

    def read(self, last=False):
        """Takes in what is new; last: the end of the file ends a message, too."""
        try:
            with open(self._path, "rb") as f:
                f.seek(self._at)
                new = f.read()
        except FileNotFoundError:
            return
        self._at += len(new)
        self._rest += new
        heads = list(_HEAD.finditer(self._rest))
        for i, head in enumerate(heads):
            if i + 1 == len(heads) and not last:
                self._rest = self._rest[head.start():]
                return
            end = heads[i + 1].start() if i + 1 < len(heads) else len(self._rest)
            self._message(_time(head[1]), self._rest[head.end():end].decode("latin-1"))
        if last:
            self._rest = b""

    def _message(self, when, text):
        title, _, message = text.partition("\n")
        message = message.lstrip("\r\n")
        call_id, cseq = _CALL_ID.search(message), _CSEQ.search(message)
        if not call_id or not cseq:
            return
        if " sent " in title:
            self._sent(when, message, call_id[1])
        elif call_id[1] in self.calls and message.startswith("SIP/2.0 "):
            self._received(when, message, self.calls[call_id[1]], cseq[1])

    def _sent(self, when, message, call_id):
        if message.startswith("INVITE "):
            self.calls.setdefault(call_id, Call(call_id, when))

    @staticmethod
    def _received(when, message, call, method):
        code = int(message[8:11])
        if method == "BYE" and code >= 200 and call.hung_up is None:
            call.hung_up, call.bye_code = when, code
        if method != "INVITE" or code == 100 or call.code is not None:
            return
        if code < 300 and call.progress is None:
            call.progress = when
        if code >= 200:
            contact = _CONTACT.search(message)
            call.ended, call.code = when, code
            call.contact = contact[1] if contact and code == 200 else None


def _time(text):
    text = text.decode().rstrip("Z").replace("T", " ")
    stamp = datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f")
    return stamp.replace(tzinfo=timezone.utc).timestamp()
