-- An index for a part of a name or title, of three characters or more, in any alphabet and without regard to case.

CREATE TABLE DeploymentText (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL
);

CREATE VIRTUAL TABLE DeploymentSearch USING fts5(name, title, content='DeploymentText', content_rowid='id', tokenize='trigram');

CREATE TRIGGER DeploymentText_Insert AFTER INSERT ON DeploymentText
BEGIN
  INSERT INTO DeploymentSearch (rowid, name, title) VALUES (NEW.id, NEW.name, NEW.title);
END;

CREATE TRIGGER DeploymentText_Update AFTER UPDATE ON DeploymentText
BEGIN
  INSERT INTO DeploymentSearch (DeploymentSearch, rowid, name, title) VALUES ('delete', OLD.id, OLD.name, OLD.title);
  INSERT INTO DeploymentSearch (rowid, name, title) VALUES (NEW.id, NEW.name, NEW.title);
END;

CREATE TRIGGER DeploymentText_Delete AFTER DELETE ON DeploymentText
BEGIN
  INSERT INTO DeploymentSearch (DeploymentSearch, rowid, name, title) VALUES ('delete', OLD.id, OLD.name, OLD.title);
END;

CREATE TRIGGER DeploymentIndex_TextInsert AFTER INSERT ON DeploymentIndex
BEGIN
  INSERT INTO DeploymentText (name, title) VALUES (NEW.name, NEW.title);
END;

CREATE TRIGGER DeploymentIndex_TextUpdate AFTER UPDATE OF title ON DeploymentIndex WHEN OLD.title <> NEW.title
BEGIN
  UPDATE DeploymentText SET title = NEW.title WHERE name = NEW.name;
END;

CREATE TRIGGER DeploymentIndex_TextDelete AFTER DELETE ON DeploymentIndex
BEGIN
  DELETE FROM DeploymentText WHERE name = OLD.name;
END;

INSERT INTO DeploymentText (name, title) SELECT name, title FROM DeploymentIndex;
