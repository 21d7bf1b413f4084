using DeployCard.Storage.Sql;

namespace DeployCard.Grains.Tests.Storage;

/// <summary>Database with the current schema for one test. Tests on it must pass on every supported database.</summary>
public interface ITestDatabase : IAsyncDisposable
{
    /// <summary>Commands on the database.</summary>
    internal SqlDatabase Sql { get; }

    /// <summary>Configures a silo to use the database for all storage.</summary>
    void Use(ISiloBuilder silo);
}
