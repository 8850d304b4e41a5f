CREATE TABLE `failover_route_set` (
    `id` VARCHAR(64) NOT NULL,
    `number` VARCHAR(64),
    `strategy` VARCHAR(64),
    `max_attempts` VARCHAR(64),
    `deadline` VARCHAR(64),
    `try_timeout` VARCHAR(64),
    `answer_timeout` VARCHAR(64),
    `profile` VARCHAR(64),
    `after_ringing` VARCHAR(64),
    `rewrite` VARCHAR(64),
    `probe_enabled` VARCHAR(64),
    `probe_interval` VARCHAR(64),
    `probe_timeout` VARCHAR(64),
    `probe_rise` VARCHAR(64),
    `probe_fall` VARCHAR(64),
    `health_fall` VARCHAR(64),
    `health_hold` VARCHAR(64),
    `health_hold_max` VARCHAR(64),
    `health_ramp` VARCHAR(64),
    CONSTRAINT failover_route_set_idx PRIMARY KEY (`id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO version (table_name, table_version) values ('failover_route_set','1');

CREATE TABLE `failover_route_destination` (
    `set_id` VARCHAR(64) NOT NULL,
    `id` VARCHAR(64) NOT NULL,
    `uri` VARCHAR(255),
    `priority` VARCHAR(64),
    `weight` VARCHAR(64),
    `socket` VARCHAR(255),
    `max_calls` VARCHAR(64),
    `max_cps` VARCHAR(64),
    `admin` VARCHAR(64),
    `resolve` VARCHAR(64),
    CONSTRAINT failover_route_destination_idx PRIMARY KEY (`set_id`, `id`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO version (table_name, table_version) values ('failover_route_destination','1');

CREATE TABLE `failover_route_policy` (
    `set_id` VARCHAR(64) NOT NULL,
    `position` INTEGER NOT NULL,
    `code` VARCHAR(64),
    `origin` VARCHAR(64),
    `provisional` VARCHAR(64),
    `reason_cause` VARCHAR(64),
    `route` VARCHAR(64),
    `verdict` VARCHAR(64),
    CONSTRAINT failover_route_policy_idx PRIMARY KEY (`set_id`, `position`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO version (table_name, table_version) values ('failover_route_policy','1');

CREATE TABLE `failover_route_attribute` (
    `set_id` VARCHAR(64) NOT NULL,
    `destination_id` VARCHAR(64) DEFAULT '' NOT NULL,
    `scope` VARCHAR(16) NOT NULL,
    `name` VARCHAR(64) NOT NULL,
    `value` VARCHAR(1024),
    CONSTRAINT failover_route_attribute_idx PRIMARY KEY (`set_id`, `destination_id`, `scope`, `name`)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO version (table_name, table_version) values ('failover_route_attribute','1');

