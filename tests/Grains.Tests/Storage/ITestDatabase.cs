using System.Data.Common;

namespace DeployCard.Grains.Tests.Storage;

/// <summary>A database with our schema for one test: what is tested on it must hold on every database that we support.</summary>
public interface ITestDatabase : IAsyncDisposable
{
    /// <summary>The way in.</summary>
    DbDataSource Source { get; }

    /// <summary>Has a silo store everything in it.</summary>
    void Use(ISiloBuilder silo);
}
