using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Domain.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class QueueRecoveryTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CallId[] Ids =
    [
        .. Enumerable.Range(0, QueueRecovery.BatchSize + 10).Select(i => CallId.Create(Start.AddMilliseconds(i))),
    ];

    private readonly CallStoreDouble store = new();
    private readonly CallWindow window = new();
    private readonly QueueUsage usage = new();
    private readonly QueueRecovery recovery;

    public QueueRecoveryTests() => recovery = new(DeploymentName.Parse("iris"), store, window, usage);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_activation_counts_all_open_calls_and_reads_the_oldest()
    {
        store.Open.UnionWith(Ids);

        await recovery.Restore(Token);

        (usage.Calls, usage.Bytes).ShouldBe((Ids.Length, Ids.Length * 10));
        (window.Count, window.Youngest).ShouldBe((QueueRecovery.BatchSize, Ids[QueueRecovery.BatchSize - 1]));
    }

    [Fact]
    public async Task New_call_does_not_overtake_older_calls_that_are_only_in_storage()
    {
        store.Open.UnionWith(Ids[..^1]);
        await recovery.Restore(Token);
        store.Open.Add(Ids[^1]);

        recovery.TryEnqueue(Ids[^1]).ShouldBeFalse();

        (await ExecuteAll()).ShouldBe(Ids);
    }

    [Fact]
    public async Task New_call_enters_the_window_if_storage_has_no_older_ones()
    {
        store.Open.UnionWith(Ids[..5]);
        await recovery.Restore(Token);

        recovery.TryEnqueue(Ids[5]).ShouldBeTrue();

        window.Youngest.ShouldBe(Ids[5]);
    }

    [Fact]
    public async Task Retried_call_that_the_window_covers_is_enqueued_although_storage_has_more()
    {
        store.Open.UnionWith(Ids[1..]);
        await recovery.Restore(Token);

        recovery.TryEnqueue(Ids[0]).ShouldBeTrue();

        window.Dequeue().ShouldBe(Ids[0]);
    }

    [Fact]
    public void Calls_beyond_the_maximum_of_the_window_stay_in_storage()
    {
        var ids = Enumerable.Range(0, QueueRecovery.MaxWindow + 2).Select(i => CallId.Create(Start.AddMilliseconds(i))).ToList();

        ids.Count(recovery.TryEnqueue).ShouldBe(QueueRecovery.MaxWindow + 1);
    }

    [Fact]
    public async Task Call_whose_message_was_lost_is_found_by_the_next_reconciliation()
    {
        await recovery.Restore(Token);
        store.Open.UnionWith(Ids[..3]);

        await recovery.Reconcile();

        (usage.Calls, window.Count).ShouldBe((3, 3));
        window.Dequeue().ShouldBe(Ids[0]);
    }

    [Fact]
    public async Task Reconciliation_adds_no_call_beyond_a_gap()
    {
        store.Open.UnionWith(Ids[1..]);
        await recovery.Restore(Token);
        store.Open.Add(Ids[0]);

        await recovery.Reconcile();

        window.Count.ShouldBe(QueueRecovery.BatchSize + 1, "only the missed call that the window covers is added");
        (await ExecuteAll()).ShouldBe(Ids);
    }

    [Fact]
    public async Task Storage_is_read_again_only_when_few_calls_are_ready()
    {
        store.Open.UnionWith(Ids);
        await recovery.Restore(Token);
        var queries = store.Queries;

        await recovery.Refill();

        store.Queries.ShouldBe(queries);
    }

    [Fact]
    public async Task Failed_query_changes_nothing()
    {
        store.Open.UnionWith(Ids);
        await recovery.Restore(Token);
        store.OnQuery = () => throw new IOException("The database is unavailable.");

        await Should.ThrowAsync<IOException>(recovery.Reconcile);

        (usage.Calls, window.Count).ShouldBe((Ids.Length, QueueRecovery.BatchSize));
    }

    private async Task<IReadOnlyList<CallId>> ExecuteAll()
    {
        var executed = new List<CallId>();
        while (window.Dequeue() is { } id)
        {
            executed.Add(id);
            window.Remove(id);
            store.Open.Remove(id);
            await recovery.Refill();
        }

        return executed;
    }
}
