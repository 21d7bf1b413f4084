using DeployCard.Common.Live;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Domain.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallFeedTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CallId[] Ids = [.. Enumerable.Range(0, 5).Select(i => CallId.Create(Start.AddSeconds(i)))];

    private readonly CallStoreDouble store = new();
    private readonly CallFeed feed;
    private Action onRead = () => { };

    public CallFeedTests()
    {
        feed = new(DeploymentName.Parse("iris"), store, GetView, CancellationToken.None);
        store.Open.UnionWith(Ids);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_subscriber_receives_only_later_changes()
    {
        await using var watch = feed.Watch(null, null, Token).GetAsyncEnumerator(Token);
        var next = watch.MoveNextAsync();
        next.IsCompleted.ShouldBeFalse();

        feed.Publish(View(Ids[1]));

        (await next).ShouldBeTrue();
        watch.Current.Id.ShouldBe(Ids[1]);
    }

    [Fact]
    public async Task Subscriber_of_one_call_receives_its_state_and_only_its_changes()
    {
        await using var watch = feed.Watch(Ids[0], null, Token).GetAsyncEnumerator(Token);
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.Status.ShouldBe(CallStatus.Queued);

        feed.Publish(View(Ids[1]));
        feed.Publish(View(Ids[0]) with { Status = CallStatus.Completed });

        (await watch.MoveNextAsync()).ShouldBeTrue();
        (watch.Current.Id, watch.Current.Status).ShouldBe((Ids[0], CallStatus.Completed));
    }

    [Fact]
    public async Task Resumed_subscriber_receives_open_newest_and_recent_calls_oldest_first_and_each_once()
    {
        var gap = new CallResumePoint(Ids[3].CreatedAt, [Ids[3], Ids[0]], 1);

        (await Read(gap, 3)).ShouldBe([Ids[0], Ids[3], Ids[4]]);
    }

    [Fact]
    public async Task Change_while_missed_calls_are_read_arrives_after_them()
    {
        var hasChanged = false;
        onRead = () =>
        {
            if (!hasChanged)
                feed.Publish(View(Ids[2]));
            hasChanged = true;
        };

        (await Read(new(Ids[4].CreatedAt, [Ids[0]], 0), 3)).ShouldBe([Ids[0], Ids[4], Ids[2]]);
    }

    [Fact]
    public async Task Missed_call_that_was_removed_is_skipped()
    {
        var removed = CallId.Create(Start.AddSeconds(-1));

        (await Read(new(Ids[4].CreatedAt, [removed], 0), 1)).ShouldBe([Ids[4]]);
    }

    [Fact]
    public async Task Deactivation_of_the_queue_aborts_streams()
    {
        await using var watch = feed.Watch(null, null, Token).GetAsyncEnumerator(Token);
        var next = watch.MoveNextAsync();

        feed.Abort();

        await Should.ThrowAsync<StreamRelocatedException>(async () => await next);
    }

    private static CallView View(CallId id) => new AsyncCallState { Id = id.Value, Deployment = "iris" }.ToView();

    private Task<CallView?> GetView(CallId id)
    {
        onRead();
        return Task.FromResult(store.Open.Contains(id) ? View(id) : null);
    }

    private async Task<IReadOnlyList<CallId>> Read(CallResumePoint gap, int count)
    {
        var received = new List<CallId>();
        await foreach (var call in feed.Watch(null, gap, Token))
        {
            received.Add(call.Id);
            if (received.Count == count)
                break;
        }

        return received;
    }
}
