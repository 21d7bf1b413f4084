namespace DeployCard.GraphQL;

/// <summary>
/// Answers single keys from few loads of many: fields ask with <see cref="LoadAsync(TKey, CancellationToken)"/>, and all keys asked for
/// while an operation could still go on are loaded at once. Each key is loaded once in an operation. Signatures follow
/// GreenDonut's. Register it scoped; use it in fields only (the start of a subscription has nobody to dispatch).
/// </summary>
/// <param name="batchScheduler">The operation's.</param>
/// <param name="maxBatchSize">More keys than this are loaded in several batches.</param>
public abstract class BatchDataLoader<TKey, TValue>(IBatchScheduler batchScheduler, int maxBatchSize = 1024)
    where TKey : notnull
{
    private readonly Lock sync = new();
    private readonly Dictionary<TKey, TaskCompletionSource<TValue?>> known = [];
    private Batch? collecting;

    /// <summary>The value of a key, or null (the default) when there is none.</summary>
    /// <param name="key">What to look for.</param>
    /// <param name="cancellationToken">The operation's.</param>
    public Task<TValue?> LoadAsync(TKey key, CancellationToken cancellationToken = default)
    {
        lock (sync)
        {
            if (this.known.TryGetValue(key, out var known))
                return known.Task;
            var answer = new TaskCompletionSource<TValue?>(TaskCreationOptions.RunContinuationsAsynchronously);
            this.known.Add(key, answer);
            BatchWithRoom(cancellationToken).Waiting.Add((key, answer));
            return answer.Task;
        }
    }

    /// <summary>The values of several keys, in their order.</summary>
    /// <param name="keys">What to look for.</param>
    /// <param name="cancellationToken">The operation's.</param>
    public async Task<IReadOnlyList<TValue?>> LoadAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken = default) =>
        await Task.WhenAll(keys.Select(key => LoadAsync(key, cancellationToken)));

    /// <summary>Loads one batch; a key without a value is left out of the answer.</summary>
    /// <param name="keys">Each once.</param>
    /// <param name="cancellationToken">The operation's.</param>
    protected abstract Task<IReadOnlyDictionary<TKey, TValue>> LoadBatchAsync(
        IReadOnlyList<TKey> keys,
        CancellationToken cancellationToken
    );

    private Batch BatchWithRoom(CancellationToken cancellationToken)
    {
        if (this.collecting is { } collecting && collecting.Waiting.Count < maxBatchSize)
            return collecting;
        var batch = this.collecting = new Batch();
        batchScheduler.Schedule(() => LoadAsync(batch, cancellationToken));
        return batch;
    }

    private async Task LoadAsync(Batch batch, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            if (collecting == batch)
                collecting = null;
        }
        try
        {
            var found = await LoadBatchAsync(batch.Waiting.ConvertAll(waiting => waiting.Key), cancellationToken);
            foreach (var (key, answer) in batch.Waiting)
                answer.TrySetResult(found.TryGetValue(key, out var value) ? value : default);
        }
        catch (Exception failure)
        {
            foreach (var (_, answer) in batch.Waiting)
                answer.TrySetException(failure);
        }
    }

    private sealed class Batch
    {
        public List<(TKey Key, TaskCompletionSource<TValue?> Answer)> Waiting { get; } = [];
    }
}
