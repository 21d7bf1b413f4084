-- Alerts of deployments that fire, or that their events do not have yet: few, and none of those that are well.
CREATE TABLE DeploymentAlert (
  deployment TEXT NOT NULL PRIMARY KEY,
  isFiring INTEGER NOT NULL,
  alerts BLOB NOT NULL
);
