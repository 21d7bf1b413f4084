-- A search by a part of a name or a title reads every deployment, as no index in order can help; one of the groups of three letters in them
-- does. It needs the extension pg_trgm, which comes with PostgreSQL and which the owner of a database may create. Where it may not be, or is
-- not installed, or lies in a schema that is not looked into, searches stay as slow as they were, and nothing else changes; whoever has it
-- created later runs the two CREATE INDEX by hand. The indexes are on what DeploymentStore asks for, word for word.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX DeploymentIndex_NamePart ON DeploymentIndex USING gin (name gin_trgm_ops);
  CREATE INDEX DeploymentIndex_TitlePart ON DeploymentIndex USING gin (lower(title) gin_trgm_ops);
EXCEPTION
  WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
    RAISE WARNING 'Searches have no index: %', SQLERRM;
END
$$;
