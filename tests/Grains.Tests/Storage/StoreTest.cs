using DeployCard.Storage.Sql;

namespace DeployCard.Grains.Tests.Storage;

/// <summary>
/// Base of the tests of a store. A test class derives from it, and two classes without a body run its tests on SQLite and on PostgreSQL.
/// </summary>
public abstract class StoreTest<TStore> : StorageTest
{
    private protected StoreTest(ITestDatabase database, Func<SqlDatabase, TStore> create)
        : base(database) => Store = create(Source);

    /// <summary>The store on the database of the test.</summary>
    protected TStore Store { get; }
}
