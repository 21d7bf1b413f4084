-- Alerts of deployments that fire, or that their events do not have yet: few, and none of those that are well.
CREATE TABLE DeploymentAlert (
  deployment text COLLATE "C" NOT NULL PRIMARY KEY,
  isFiring integer NOT NULL,
  alerts bytea NOT NULL
);
