"""Calls that were up before a restart still count against max-calls.

The dialog module keeps its dialogs in a database (db_text here); a dialog variable
names the destination.
"""
import shutil
from pathlib import Path

TABLES = Path("/usr/share/kamailio/dbtext/kamailio")
PARAMS = '''modparam("dialog", "db_url", "text://${work}/db")
modparam("dialog", "db_mode", 1)
'''


def story(lab):
    (lab.work / "db").mkdir()
    for name in ("version", "dialog", "dialog_vars"):
        shutil.copy(TABLES / name, lab.work / "db" / name)
    lab.start(modules=["db_text", "dialog"], modparams=PARAMS, before="dlg_manage();")
    gw1, gw2 = lab.gateways_named("gw1", "gw2")
    call = lab.call("100")
    assert call.wait_final() == 200
    lab.wait(lambda: lab.dst("gw1")["calls"] == 1, "one call")
    lab.restart()
    assert lab.dst("gw1")["calls"] == 1
    lab.place("101")
    assert gw2.users == ["101"]
    assert call.bye() == 200
    lab.wait(lambda: lab.dst("gw1")["calls"] == 0, "no call")
    lab.place("102")
    assert gw1.users == ["100", "102"]
