"""Nobody can move a call by an ICMP message he made up, and nothing crashes on one.

A message counts only if it quotes a branch in flight and that packet's addresses and
ports. Each forgery below is one bit away from the message that the module must believe,
and that comes last.
"""
import socket
import struct


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def quoted(source, target, payload, proto=17, sport=5060, dport=5060, fragment=0):
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 7, fragment, 64, proto, 0)
    return head + socket.inet_aton(source) + socket.inet_aton(target) + udp


def icmp(inner, kind=3, code=3, spoil=0):
    body = struct.pack("!BBHI", kind, code, 0, 0) + inner
    return body[:2] + struct.pack("!H", checksum(body) ^ spoil) + body[4:]


def story(lab):
    try:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    except PermissionError:
        raise lab.Skip("no raw ICMP sockets on this machine") from None
    lab.start()
    gw1, gw2, gw3 = lab.gateways_named("gw1", "gw2", "gw3")
    gw1.blackhole()
    kam, there = lab.slot.kam, gw1.host
    raw.bind((there, 0))
    call = lab.call("100")
    request = gw1.wait_calls(1)[0].msg
    via = request.all("via")[0]
    good = f"INVITE {request.uri} SIP/2.0\r\nVia: {via}\r\nFrom: <sip:a@b>\r\n".encode()
    branch = request.branch
    head, md5, tail = branch.split(".")

    def other(new):
        return good.replace(branch.encode(), new.encode())

    forged = [
        icmp(quoted(kam, there, good), spoil=1), icmp(quoted(kam, there, good), kind=11),
        icmp(quoted(kam, there, good), code=4), icmp(quoted(kam, there, good), kind=8, code=0),
        icmp(quoted(kam, gw2.host, good)), icmp(quoted(gw2.host, there, good)),
        icmp(quoted(kam, there, good, dport=5061)), icmp(quoted(kam, there, good, sport=5061)),
        icmp(quoted(kam, there, good, proto=6)), icmp(quoted(kam, there, good, fragment=185)),
        icmp(quoted(kam, there, other(f"{head}.{md5[::-1]}.{tail}"))),
        icmp(quoted(kam, there, other(f"{head}.{md5}.1"))),
        icmp(quoted(kam, there, other(f"z9hG4bKffffffff.{md5}.{tail}"))),
        icmp(quoted(kam, there, other("z9hG4bK.."))),
        icmp(quoted(kam, there, good.replace(b"INVITE", b"SIP/2.0 200 OK"))),
        icmp(quoted(kam, there, good[:60])), icmp(quoted(kam, there, b"")), icmp(b"")]
    forged += [icmp(quoted(kam, there, good)[:n]) for n in range(0, 120, 3)]
    for packet in forged:
        raw.sendto(packet, (kam, 0))
    lab.wait(lambda: len([r for r in gw1.requests if r.retransmission]) >= 1, "a retransmission")
    assert gw2.requests == [] and call.codes == []
    assert lab.dst("gw1")["failed"] == 0

    for _ in range(3):  # one call moves once
        raw.sendto(icmp(quoted(kam, there, good)), (kam, 0))
    assert call.wait_final() == 200 and call.final_ms < 3800
    assert call.finals == [200] and len(gw2.calls) == 1 and gw3.requests == []
    told = lab.dst("gw1")
    assert (told["attempts"], told["failed"], told["timeouts"]) == (1, 1, 0)

    # after the end of the call the same message is of no use to anybody
    call.bye()
    raw.sendto(icmp(quoted(kam, there, good)), (kam, 0))
    gw1.answer()
    lab.place("101")
    assert lab.dst("gw1")["failed"] == 1
    raw.close()
