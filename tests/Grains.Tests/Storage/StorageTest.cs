using DeployCard.Storage.Sql;

namespace DeployCard.Grains.Tests.Storage;

/// <summary>Base of tests that have their own database and write states as Orleans does.</summary>
public abstract class StorageTest(ITestDatabase database) : IAsyncDisposable
{
    protected static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly JsonStateSerializer serializer = new();
    private readonly Dictionary<(string, string), long> versions = [];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected SqlDatabase Source => database.Sql;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return database.DisposeAsync();
    }

    /// <summary>Writes a state, whether or not it was written before.</summary>
    protected Task Write<T>(string name, string key, T state) => WritePayload(name, key, serializer.Serialize(state).ToArray());

    protected async Task WritePayload(string name, string key, byte[] payload) =>
        versions[(name, key)] = await Run("WriteToStorageKey", name, key, new() { ["PayloadBinary"] = payload });

    /// <summary>Clears a state that was written by this test.</summary>
    protected async Task Clear(string name, string key)
    {
        await Run("DeleteStorageKey", name, key, []);
        versions.Remove((name, key));
    }

    private async Task<long> Run(string query, string name, string key, SqlParameters parameters)
    {
        var text = (
            await Source.Query(
                "SELECT QueryText FROM OrleansQuery WHERE QueryKey = @key",
                new() { ["key"] = query },
                row => row.GetString(0),
                Token
            )
        ).Single();
        parameters["GrainIdHash"] = string.GetHashCode(key, StringComparison.Ordinal);
        parameters["GrainIdN0"] = 0L;
        parameters["GrainIdN1"] = 0L;
        parameters["GrainTypeHash"] = 1;
        parameters["GrainTypeString"] = name;
        parameters["GrainIdExtensionString"] = key;
        parameters["ServiceId"] = "test";
        parameters["GrainStateVersion"] = versions.TryGetValue((name, key), out var version) ? version : DBNull.Value;
        return (await Source.Query(text, parameters, row => row.GetInt64(0), Token)).Single();
    }
}
