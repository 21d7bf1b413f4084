namespace DeployCard.Contracts.Retention;

/// <summary>
/// Expires due items, which it finds through the index, and wakes grains whose silo has stopped. The cluster has one such grain, which the
/// scheduler of every silo calls.
/// </summary>
[Alias("retention")]
public interface IRetentionGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Lets all due items expire, then deletes orphaned bodies and old monitoring data. Runs for about 10 s at most and pauses between
    /// batches, so that other users of the storage are not blocked. Returns true if due items remain and the sweep must be repeated.
    /// </summary>
    Task<bool> Sweep(CancellationToken cancellationToken);

    /// <summary>
    /// Wakes every deployment that has or wants pods, every queue with unfinished calls and every monitor with a firing alert or a pending
    /// notice. Returns false without waking anything if the call is scheduled (<paramref name="isScheduled"/>) and the scheduler of another
    /// silo did the same within the last 30 s.
    /// </summary>
    /// <param name="isScheduled">
    /// Whether the call is made by schedule, and not because of a start, a failure, or a lost silo or storage.
    /// </param>
    /// <param name="cancellationToken">Token that is canceled when the calling silo stops.</param>
    Task<bool> WakeAll(bool isScheduled, CancellationToken cancellationToken);
}
