# SPDX-License-Identifier: GPL-2.0-or-later
"""kamcli failover_route: what the module failover_route of Kamailio is doing.

kamcli finds a command by its file's name in the folder kamcli/commands; see the
README beside the source of this one.
"""
import json
import os
import re
import sys
import time

import click
from kamcli.cli import pass_context
from kamcli.iorpc import command_ctl

# kamcli reads 84,000 bytes of an answer at most; a destination, with the longest
# of names, has some 3,000.
PAGE = 25
HISTORY_MAX = 80
EXPLAIN_PAGE = 60  # of some 800 bytes each
# What must not reach a terminal: control, format and layout characters.
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
                    "\u2060-\u206f\ufeff\ufff0-\uffff\ud800-\udfff]")


class Refused(Exception):
    """Kamailio refused, or did not answer; the text says why."""


def safe(value):
    """Text of others for a terminal, which obeys what it is sent."""
    def escape(match):
        code = ord(match.group())
        return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"
    # not every locale has every character of a name
    encoding = click.get_text_stream("stdout").encoding
    return HIDDEN.sub(escape, str(value)).encode(encoding, "backslashreplace").decode(encoding)


def parameter(value):
    """kamcli puts texts between quotes as they are, and takes "i:" for a number."""
    return value if isinstance(value, int) else "s:" + json.dumps(value, ensure_ascii=False)[1:-1]


def forget_reply_socket(ctx):
    """kamcli leaves it behind after some errors, and cannot bind it again then."""
    try:
        os.unlink(f"{ctx.gconfig.get('jsonrpc', 'rcvaddr')}.{os.getpid()}")
    except Exception:  # noqa: BLE001 not there, or kamcli is configured otherwise
        pass


def rpc(ctx, method, *params):
    """The result of one command."""
    answers = []
    try:
        command_ctl(ctx, "failover_route." + method, [parameter(p) for p in params],
                    {"func": lambda _ctx, response: answers.append(response)})
    except SystemExit:
        raise Refused("no answer from Kamailio in time (or one too large)") from None
    except Exception as e:  # noqa: BLE001 kamcli lets some errors of sockets through
        raise Refused(f"no answer from Kamailio: {e}") from None
    finally:
        forget_reply_socket(ctx)
    if not answers:
        raise Refused("Kamailio is not there: no socket "
                      + ctx.gconfig.get("jsonrpc", "srvaddr", fallback=""))
    try:
        answer = json.loads(answers[0])
    except ValueError:
        raise Refused("the answer is too large for kamcli") from None
    if "error" in answer:
        raise Refused(answer["error"].get("message", "refused"))
    return answer.get("result", {})


def table(ctx, set_id):
    """[(set, destination)] of the whole table, page by page."""
    while True:
        rows, offset, generation = [], 0, None
        while offset is not None:
            page = rpc(ctx, "list", set_id, offset, PAGE)
            if generation not in (None, page["generation"]):
                break  # it was replaced meanwhile: once more
            generation = page["generation"]
            rows += [(s["id"], d) for s in page["sets"] for d in s["destinations"]]
            offset = page.get("next_offset")
        else:
            return rows


def age(ms):
    s = ms // 1000
    for unit, size, until in (("s", 1, 120), ("m", 60, 7200), ("h", 3600, 172800)):
        if s < until:
            return f"{s // size}{unit}" if ms else ""
    return f"{s // 86400}d"


def show(heads, rows):
    """A table in columns; the last one is as long as it is."""
    cells = [heads] + [[safe(c) if c != "" else "-" for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    numbers = {i for i in range(len(heads))
               if rows and all(isinstance(row[i], int) for row in rows)}
    for row in cells:
        line = "  ".join(c.rjust(w) if i in numbers else c.ljust(w)
                         for i, (c, w) in enumerate(zip(row, widths)))
        click.echo(line.rstrip())


def show_list(ctx, set_id):
    show(["SET", "DESTINATION", "HEALTH", "ADMIN", "PRIO", "WGHT", "EFF", "CALLS", "ATTEMPTS",
          "FAILED", "SINCE", "HOLD", "REASON"],
         [[set_name, d["id"], d["health"], d["admin"], d["priority"], d["weight"],
           d["effective_weight"], d["calls"], d["attempts"], d["failed"], age(d["since_ms"]),
           age(d["hold_ms"]), d["reason"]] for set_name, d in table(ctx, set_id)])


def guarded(ctx, function, *args):
    """Runs it; what Kamailio refuses is said on standard error, and ends with 1."""
    try:
        function(ctx, *args)
    except Refused as e:
        click.echo(f"failover_route: {safe(e)}", err=True)
        sys.exit(1)


@click.group("failover_route", help="See and steer the destinations of module failover_route",
             short_help="Destinations of module failover_route")
@pass_context
def cli(ctx):
    pass


@cli.command("list", short_help="The destinations, with health and counters")
@click.argument("set_id", metavar="[<set>]", default="*")
@pass_context
def failover_route_list(ctx, set_id):
    """The destinations, of all sets or of one

    \b
    Parameters:
        <set> - id or number of a set
    """
    guarded(ctx, show_list, set_id)


def set_admin(ctx, set_id, destination, admin):
    done = rpc(ctx, "set_admin", set_id, destination, admin)
    click.echo(safe(f"{done['set']}/{done['destination']}: {done['admin']}; "
                    f"{done['changed']} of {done['destinations']} changed; "
                    f"{done['calls']} calls in progress"))


def admin_command(admin, what):
    @cli.command(admin, short_help=what, help=f"""{what}

    \b
    Parameters:
        <set> - id or number of a set
        <destination> - id of a destination, * for all of the set
    """)
    @click.argument("set_id", metavar="<set>")
    @click.argument("destination", metavar="<destination>")
    @pass_context
    def command(ctx, set_id, destination):
        guarded(ctx, set_admin, set_id, destination, admin)


admin_command("drain", "Take a destination out: calls in progress go on")
admin_command("maint", "The same, and it is not probed either")
admin_command("ready", "Put a destination back")


def show_explain(ctx, set_id, key):
    told = page = rpc(ctx, "explain", set_id, key, 0, EXPLAIN_PAGE)
    rows = list(page["destinations"])
    while "next_offset" in page:
        page = rpc(ctx, "explain", set_id, key, page["next_offset"], EXPLAIN_PAGE)
        rows += page["destinations"]
    click.echo(safe(f"{told['set']} ({told['strategy']}): {told['choice'] or 'none'}: "
                    f"{told['why']}"))
    click.echo(safe(f"retry budget: {told['retry_budget']}"))
    click.echo()
    show(["DESTINATION", "PRIO", "WGHT", "SHARE%", "USABLE", "WHY"],
         [[d["id"], d["priority"], d["weight"], d["share_percent"],
           "yes" if d["usable"] else "no", d["why"]] for d in rows])


@cli.command("explain", short_help="Which destination would a call get, and why")
@click.argument("set_id", metavar="<set>")
@click.argument("key", metavar="[<key>]", default="*")
@pass_context
def failover_route_explain(ctx, set_id, key):
    """Which destination a call would get, and why not each other

    \b
    Parameters:
        <set> - id or number of a set
        <key> - key of a set with strategy hash
    """
    guarded(ctx, show_explain, set_id, key)


def show_history(ctx, set_id, count, *of):
    told = rpc(ctx, "history", set_id, count, *of)
    show(["TIME", "EVENT", "SET", "DESTINATION", "FROM", "TO", "SOURCE", "REASON"],
         [[t[name] for name in ("at", "event", "set", "destination", "from", "to", "source",
                                "reason")] for t in told["transitions"]])
    if "omitted" in told:
        click.echo(f"{told['omitted']} more do not fit: go on with until")


@cli.command("history", short_help="What has changed, newest first")
@click.argument("set_id", metavar="[<set>]", default="*")
@click.argument("count", metavar="[<count>]", default=20, type=click.IntRange(1, HISTORY_MAX))
@click.argument("destination", metavar="[<destination>]", default="*")
@click.argument("since", metavar="[<since>]", default="*")
@click.argument("until", metavar="[<until>]", default="*")
@pass_context
def failover_route_history(ctx, set_id, count, destination, since, until):
    """What has changed, newest first

    \b
    Parameters:
        <set> - id or number of a set, * for all
        <count> - so many changes (20)
        <destination> - id of a destination, * for all
        <since>, <until> - how long ago (10m), a time in UTC
            (2026-11-21T05:02:06Z) or ms since 1970; * for any
    """
    guarded(ctx, show_history, set_id, count, destination, since, until)


@cli.command("watch", short_help="The list, again and again")
@click.option("interval", "--interval", "-n", type=click.FloatRange(min=0.1), default=2.0,
              help="Seconds between two looks (2)")
@click.option("count", "--count", "-c", type=click.IntRange(min=0), default=0,
              help="End after so many looks (never)")
@click.argument("set_id", metavar="[<set>]", default="*")
@pass_context
def failover_route_watch(ctx, interval, count, set_id):
    """The list, again and again, until Ctrl-C; Kamailio may go and come back

    \b
    Parameters:
        <set> - id or number of a set
    """
    looks = 0
    while True:
        if sys.stdout.isatty():
            click.clear()
        click.echo(time.strftime("%H:%M:%S"))
        try:
            show_list(ctx, set_id)
        except Refused as e:
            click.echo(f"failover_route: {safe(e)}")
        sys.stdout.flush()
        looks += 1
        if looks == count:
            return
        time.sleep(interval)
