using System.Data.Common;

namespace DeployCard.Grains.Tests.Storage;

/// <summary>Database with the current schema for one test. Tests on it must pass on every supported database.</summary>
public interface ITestDatabase : IAsyncDisposable
{
    /// <summary>Data source of the database.</summary>
    DbDataSource Source { get; }

    /// <summary>Configures a silo to use the database for all storage.</summary>
    void Use(ISiloBuilder silo);
}
