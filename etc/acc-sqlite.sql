-- The table acc for kamailio-trunk-cdr.cfg on SQLite: instead of Kamailio's
-- acc-create.sql, after standard-create.sql. There no column may be NULL, and
-- db_sqlite writes NULL for what is empty: the To tag of a call that Kamailio
-- itself answered (500, 408), the path of a BYE. Those rows would be lost.
-- For trials and small sites: db_sqlite waits for no other writer, and a row of
-- two that are written at once is lost ("database is locked", in the log).
CREATE TABLE acc (
    id INTEGER PRIMARY KEY NOT NULL,
    method VARCHAR(16),
    from_tag VARCHAR(128),
    to_tag VARCHAR(128),
    callid VARCHAR(255),
    sip_code VARCHAR(3),
    sip_reason VARCHAR(128),
    time TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    src VARCHAR(64),
    dst VARCHAR(64),
    src_ip VARCHAR(64),
    frt_path VARCHAR(2400),
    frt_set VARCHAR(64),
    frt_dst VARCHAR(192)
);
CREATE INDEX acc_callid_idx ON acc (callid);
INSERT INTO version (table_name, table_version) VALUES ('acc', '5');
