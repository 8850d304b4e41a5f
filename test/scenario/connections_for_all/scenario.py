"""More next hops over TCP than Kamailio may have connections, or open files: a warning when the table
is loaded says so, and names the limit. What finds no room is down, though it answers.
"""
import resource

HOPS = "\n".join(f'<destination id="gw{n}" uri="sip:192.0.2.{n};transport=tcp"/>' for n in range(1, 201))


def story(lab):
    lab.start(destinations=HOPS, listen="tcp_max_connections=199\n")
    lab.log.wait_for("200 next hops over TCP and TLS want a connection each: Kamailio may have 199 connections")

    listed = lab.rpc("core.ps")  # pid, name, pid, name ...
    loader = int(listed[listed.index("failover_route loader") - 1])
    hard = resource.prlimit(loader, resource.RLIMIT_NOFILE)[1]

    def warnings(files):
        resource.prlimit(loader, resource.RLIMIT_NOFILE, (files, hard))
        return lab.rpc("failover_route.reload")["warnings"]
    assert ["may have 199 connections (tcp_max_connections)" in w for w in warnings(1024)] == [True]
    assert ["may have 136 open files (ulimit -n, open_files_limit)" in w for w in warnings(200)] == [True]
    lab.edit_xml(("sip:192.0.2.200;transport=tcp", "sip:192.0.2.200"))
    assert warnings(1024) == []
