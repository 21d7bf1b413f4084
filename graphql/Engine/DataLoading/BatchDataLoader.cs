namespace DeployCard.GraphQL;

/// <summary>
/// Combines requests for single keys into batches. Fields request keys with <see cref="LoadAsync(TKey, CancellationToken)"/>; when no field
/// of the operation can continue, all requested keys are loaded together. Each key is loaded once per operation. Signatures follow
/// GreenDonut's. Register loaders as scoped and use them only in fields: no batch is dispatched while a subscription starts.
/// </summary>
/// <param name="batchScheduler">Batch scheduler of the operation.</param>
/// <param name="maxBatchSize">Maximum number of keys per batch, default 1,024; more keys are loaded in several batches.</param>
public abstract class BatchDataLoader<TKey, TValue>(IBatchScheduler batchScheduler, int maxBatchSize = 1024)
    where TKey : notnull
{
    private readonly Lock sync = new();
    private readonly Dictionary<TKey, TaskCompletionSource<TValue?>> known = [];
    private Batch? collecting;

    /// <summary>Returns the value of a key, or the default of the type if the key has no value.</summary>
    /// <param name="key">The key to look up.</param>
    /// <param name="cancellationToken">Token that cancels the operation.</param>
    public Task<TValue?> LoadAsync(TKey key, CancellationToken cancellationToken = default)
    {
        lock (sync)
        {
            if (this.known.TryGetValue(key, out var known))
                return known.Task;
            var result = new TaskCompletionSource<TValue?>(TaskCreationOptions.RunContinuationsAsynchronously);
            this.known.Add(key, result);
            BatchWithRoom(cancellationToken).Waiting.Add((key, result));
            return result.Task;
        }
    }

    /// <summary>Loads one batch; keys without a value are absent from the result.</summary>
    /// <param name="keys">Keys of the batch, without duplicates.</param>
    /// <param name="cancellationToken">Token that cancels the operation.</param>
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
            foreach (var (key, result) in batch.Waiting)
                result.TrySetResult(found.TryGetValue(key, out var value) ? value : default);
        }
        catch (Exception failure)
        {
            foreach (var (_, result) in batch.Waiting)
                result.TrySetException(failure);
        }
    }

    private sealed class Batch
    {
        public List<(TKey Key, TaskCompletionSource<TValue?> Result)> Waiting { get; } = [];
    }
}
