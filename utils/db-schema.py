#!/usr/bin/env python3
"""Writes etc/ DATABASE /failover_route-create.sql and etc/dbtext/ from the lists of
columns that the module reads (frt_db_rows.c), in the manner of Kamailio's own files.
usage: db-schema.py [--check]     --check writes nothing and fails on a difference"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE = ROOT / "modules/failover_route"
SOURCE = (MODULE / "frt_db_rows.c").read_text()
VERSION = int(re.search(r"#define FRT_DB_VERSION (\d+)",
                        (MODULE / "frt_db_rows.h").read_text())[1])
TABLES = {name: re.findall(r'\b[A-Z]+\("(\w+)"', body) for name, body in re.findall(
    r"frt_db_column_t (\w+)_columns\[\] = \{(.*?)\n\};", SOURCE, re.S)}
KEYS = {"set": ["id"], "destination": ["set_id", "id"], "policy": ["set_id", "position"],
        "attribute": ["set_id", "destination_id", "scope", "name"]}
SIZES = {"uri": 255, "socket": 255, "value": 1024, "scope": 16}
NUMBERS = {"position"}
ABOUT = "failover_route"


def sql_column(table, column, quote):
    kind = "INTEGER" if column in NUMBERS else f"VARCHAR({SIZES.get(column, 64)})"
    key = " DEFAULT '' NOT NULL" if column == "destination_id" else " NOT NULL"
    return f"    {quote}{column}{quote} {kind}{key if column in KEYS[table] else ''},\n"


def sql(quote="", options=""):
    """NULL means: not said. Values are text, so one checker, the module's, sees all of
    them as they are; ids are compared exactly, as in the XML."""
    out = ""
    for table, columns in TABLES.items():
        name = f"{ABOUT}_{table}"
        keys = ", ".join(quote + k + quote for k in KEYS[table])
        out += (f"CREATE TABLE {quote}{name}{quote} (\n"
                + "".join(sql_column(table, c, quote) for c in columns)
                + f"    CONSTRAINT {name}_idx PRIMARY KEY ({keys})\n){options};\n\n"
                + f"INSERT INTO version (table_name, table_version) values ('{name}','{VERSION}');\n\n")
    return out


def text_column(table, column):
    kind = "int" if column in NUMBERS else "string"
    must = column in KEYS[table] and column != "destination_id"
    return f"{column}({kind}{'' if must else ',null'})"


def files():
    yield "db_sqlite/failover_route-create.sql", sql()
    yield "postgres/failover_route-create.sql", sql()
    yield "mysql/failover_route-create.sql", sql("`", " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    for table, columns in TABLES.items():
        yield (f"dbtext/{ABOUT}_{table}",
               " ".join(text_column(table, c) for c in columns) + " \n")
    rows = "".join(f"{i}:{ABOUT}_{t}:{VERSION}\n" for i, t in enumerate(TABLES, 1))
    yield "dbtext/version", "id(int,auto) table_name(string) table_version(int) \n" + rows


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    if TABLES.keys() != KEYS.keys() or any(set(KEYS[t]) - set(c) for t, c in TABLES.items()):
        sys.exit(f"db-schema: {MODULE}/frt_db_rows.c has other tables: {TABLES}")
    faults = []
    for name, text in files():
        path = ROOT / "etc" / name
        if check and (not path.exists() or path.read_text() != text):
            faults.append(f"{path.relative_to(ROOT)}: differs from frt_db_rows.c; run utils/db-schema.py")
        elif not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for fault in faults:
        print(fault)
    print(f"db-schema: {len(TABLES)} tables, {len(faults)} faults")
    sys.exit(bool(faults))


main()
