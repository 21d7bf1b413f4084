-- Blocks of minutes of monitoring, a quarter of an hour each.
CREATE TABLE MonitorBlock (
  deployment TEXT NOT NULL,
  firstMinute INTEGER NOT NULL,
  payload BLOB NOT NULL,
  PRIMARY KEY (deployment, firstMinute)
);

-- They go by their age, whatever deployment they are of.
CREATE INDEX MonitorBlock_Age ON MonitorBlock (firstMinute, deployment);
