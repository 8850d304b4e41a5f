"""The database of a story: created from the files in etc/, as a user would.

FRT_DB says which: sqlite (when nothing is said), postgres or mysql; the last two need the
servers that test/db/run starts. Text tables are another class, since they have no SQL.
"""
import os
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager
from pathlib import Path

KAMAILIO_SQL = Path("/usr/share/kamailio")


def literal(value):
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


class Database:
    """url and modules for the cfg; sql() and insert() for what a story changes."""
    modules, folder = (), ""

    def __init__(self, lab):
        self.lab, self.url = lab, ""

    @property
    def modparams(self):
        return f'modparam("failover_route", "db_url", "{self.url}")\n'

    def create(self):
        """The table "version" by Kamailio's own file, ours by ours."""
        self.script((KAMAILIO_SQL / self.folder / "standard-create.sql").read_text())
        self.script((self.lab.root / "etc" / self.folder / "failover_route-create.sql").read_text())
        return self

    def script(self, text):
        raise NotImplementedError

    def sql(self, *statements):
        self.script("".join(s + ";\n" for s in statements))

    def insert(self, table, **columns):
        names, values = ", ".join(columns), ", ".join(map(literal, columns.values()))
        self.sql(f"INSERT INTO failover_route_{table} ({names}) VALUES ({values})")


class Sqlite(Database):
    modules, folder = ("db_sqlite",), "db_sqlite"

    def __init__(self, lab):
        super().__init__(lab)
        self.path = lab.work / "sqlite/trunks"
        self.url = f"sqlite:///{self.path}"  # four slashes
        shutil.rmtree(self.path.parent, ignore_errors=True)
        self.path.parent.mkdir()

    def script(self, text):
        with sqlite3.connect(self.path) as connection:
            connection.executescript(text)
        connection.close()

    def value(self, query):
        connection = sqlite3.connect(self.path)
        row = connection.execute(query).fetchone()
        connection.close()
        return row[0]

    @contextmanager
    def being_read(self):
        """Somebody reads: a lock that keeps others from writing."""
        connection = sqlite3.connect(self.path, check_same_thread=False)
        try:
            rows = connection.execute("SELECT 1 FROM version a, version b")
            assert rows.fetchone()
            yield
        finally:
            connection.close()

    def down(self):
        self.path.parent.rename(self.path.parent.with_name("away"))

    def up(self):
        self.path.parent.with_name("away").rename(self.path.parent)


class Server(Database):
    """One of a server; FRT_DB_PORT and FRT_DB_CLIENT are test/db/run's."""

    def __init__(self, lab):
        super().__init__(lab)
        self.name = "frt_" + lab.work.name
        self.url = (f"{self.folder}://frt:secret@127.0.0.1:{os.environ['FRT_DB_PORT']}/{self.name}")
        self.client("", f"DROP DATABASE IF EXISTS {self.name}")
        self.client("", f"CREATE DATABASE {self.name}")

    def client(self, database, text):
        done = subprocess.run(["bash", "-c", os.environ["FRT_DB_CLIENT"] + f" {database}"],
                              input=text + ";\n" if text.strip()[-1] != ";" else text,
                              capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"{self.folder}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def script(self, text):
        self.client(self.name, text)

    def value(self, query):
        return self.client(self.name, query).strip()


    @contextmanager
    def held(self, table):
        """Somebody has the table for himself, whom the others wait for: says(sql) there."""
        client = subprocess.Popen(["bash", "-c", os.environ["FRT_DB_CLIENT"] + f" {self.at_once} {self.name}"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def says(sql):
            """Returns when it is done."""
            client.stdin.write(sql + ";\nSELECT 'done';\n")
            client.stdin.flush()
            while (line := client.stdout.readline()) != "done\n":
                assert line, sql
        says(self.hold.format(f"failover_route_{table}"))
        try:
            yield says
            says(self.release)
        finally:
            client.communicate(timeout=30)

    def waiting(self):
        """The connections that wait for somebody's table."""
        return self.client("", self.waiters).split()

    def end(self, connection):
        self.client("", self.ender.format(connection))


class Postgres(Server):
    modules, folder = ("db_postgres",), "postgres"
    hold, release = "BEGIN; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", "COMMIT"
    at_once = ""
    waiters, ender = "SELECT pid FROM pg_locks WHERE NOT granted", "SELECT pg_terminate_backend({})"

    def down(self):
        self.client("", "ALTER ROLE frt NOLOGIN")

    def up(self):
        self.client("", "ALTER ROLE frt LOGIN")


class Mysql(Server):
    modules, folder = ("db_mysql",), "mysql"
    at_once = "--unbuffered"  # what it has to say
    hold, release = "LOCK TABLES {} WRITE", "UNLOCK TABLES"
    waiters = ("SELECT id FROM information_schema.processlist "
               "WHERE state LIKE 'Waiting for table metadata lock'")
    ender = "KILL {}"

    def down(self):
        self.client("", "ALTER USER 'frt'@'127.0.0.1' ACCOUNT LOCK")

    def up(self):
        self.client("", "ALTER USER 'frt'@'127.0.0.1' ACCOUNT UNLOCK")


class Text(Database):
    """Text tables, made of etc/dbtext."""
    modules, folder = ("db_text",), "dbtext"

    def __init__(self, lab):
        super().__init__(lab)
        self.path = lab.work / "dbtext"
        self.url = f"text://{self.path}"
        self._age = 0

    @property
    def modparams(self):
        # without db_mode=1 db_text reads its files once and never again
        return super().modparams + 'modparam("db_text", "db_mode", 1)\n'

    def create(self):
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.copytree(self.lab.root / "etc/dbtext", self.path)
        return self

    def file(self, table):
        return self.path / f"failover_route_{table}"

    def columns(self, table):
        return [c.partition("(")[0] for c in self.file(table).read_text().split("\n")[0].split()]

    def write(self, table, text):
        """db_text sees a change by the file's time, in seconds."""
        self.file(table).write_text(text)
        self._age += 2
        when = int(self.file(table).stat().st_mtime) + self._age
        os.utime(self.file(table), (when, when))

    def insert(self, table, **columns):
        cells = [str(columns.get(c) if columns.get(c) is not None else "").replace("\\", "\\\\")
                 .replace(":", "\\:") for c in self.columns(table)]
        self.write(table, self.file(table).read_text() + ":".join(cells) + "\n")


def database(lab):
    """The database of FRT_DB, created."""
    kind = {"sqlite": Sqlite, "postgres": Postgres, "mysql": Mysql}
    return kind[os.environ.get("FRT_DB", "sqlite")](lab).create()


def only(db):
    """The module without a file, for lab.start(module=)."""
    return ('loadmodule "${module_file}"\n'
            'modparam("failover_route", "state_file", "${work}/state")\n' + db.modparams)
