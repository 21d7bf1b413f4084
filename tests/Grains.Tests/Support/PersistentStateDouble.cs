namespace DeployCard.Grains.Tests.Support;

/// <summary>Double of the persistent state of a grain. The test may let a write fail or wait.</summary>
internal sealed class PersistentStateDouble<T>(T initial) : IPersistentState<T>
    where T : new()
{
    public T State { get; set; } = initial;

    public string? Etag => null;

    public bool RecordExists => true;

    /// <summary>The states that were written so far.</summary>
    public List<T> Writes { get; } = [];

    /// <summary>Called before each write.</summary>
    public Func<Task> OnWrite { get; set; } = () => Task.CompletedTask;

    public Task ReadStateAsync() => Task.CompletedTask;

    public Task ReadStateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public async Task WriteStateAsync(CancellationToken cancellationToken)
    {
        await OnWrite();
        Writes.Add(State);
    }

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    public Task ClearStateAsync(CancellationToken cancellationToken)
    {
        State = new();
        return Task.CompletedTask;
    }
}
