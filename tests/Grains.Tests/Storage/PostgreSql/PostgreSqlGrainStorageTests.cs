namespace DeployCard.Grains.Tests.Storage.PostgreSql;

public sealed class PostgreSqlGrainStorageTests() : GrainStorageTests(new TestPostgreSqlDatabase());
