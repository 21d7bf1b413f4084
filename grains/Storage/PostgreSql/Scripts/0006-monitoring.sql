-- Blocks of minutes of monitoring, a quarter of an hour each.
CREATE TABLE MonitorBlock (
  deployment text COLLATE "C" NOT NULL,
  firstMinute bigint NOT NULL,
  payload bytea NOT NULL,
  PRIMARY KEY (deployment, firstMinute)
) WITH (autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_vacuum_scale_factor = 0.05);

-- They are small numbers already: to compress them once more would take time from each write.
ALTER TABLE MonitorBlock ALTER COLUMN payload SET STORAGE EXTERNAL;

-- They go by their age, whatever deployment they are of.
CREATE INDEX MonitorBlock_Age ON MonitorBlock (firstMinute, deployment);
