using DeployCard.Common.Live;

namespace DeployCard.Grains.Tests.Live;

public sealed class KeyedBroadcasterTests : IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly KeyedBroadcaster<string, (string Key, int Value)> broadcaster;

    public KeyedBroadcasterTests() => broadcaster = new(3, stopping.Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => stopping.Dispose();

    [Fact]
    public async Task Slow_subscriber_gets_the_newest_state_of_each_key()
    {
        await using var reader = Reader();
        (await Next(reader)).ShouldBeNull();

        for (var i = 1; i <= 100; i++)
        {
            Publish("a", i);
            Publish("b", -i);
        }

        (await Next(reader)).ShouldBe([("a", 100), ("b", -100)], ignoreOrder: true);
    }

    [Fact]
    public async Task Subscriber_gets_one_reset_if_too_many_keys_changed()
    {
        await using var reader = Reader();
        (await Next(reader)).ShouldBeNull();

        foreach (var key in new[] { "a", "b", "c", "d", "e", "f", "g", "h" })
            Publish(key, 1);

        (await Next(reader)).ShouldBeNull();
        Publish("a", 2);
        (await Next(reader)).ShouldBe([("a", 2)]);
    }

    [Fact]
    public async Task Items_that_do_not_match_the_filter_are_not_sent()
    {
        await using var reader = broadcaster.Subscribe(item => item.Key == "a", Token).GetAsyncEnumerator(Token);
        (await Next(reader)).ShouldBeNull();

        foreach (var key in new[] { "b", "c", "d", "e", "a" })
            Publish(key, 1);

        (await Next(reader)).ShouldBe([("a", 1)]);
    }

    [Fact]
    public async Task Streams_are_aborted_when_the_grain_deactivates_or_the_silo_stops()
    {
        await using var first = Reader();
        await Next(first);
        broadcaster.Abort();
        await Should.ThrowAsync<StreamRelocatedException>(async () => await Next(first));
        await using var second = Reader();
        await Next(second);

        await stopping.CancelAsync();

        await Should.ThrowAsync<StreamRelocatedException>(async () => await Next(second));
    }

    [Fact]
    public async Task Disposed_subscription_is_removed()
    {
        await using (var reader = Reader())
        {
            await Next(reader);
            broadcaster.SubscriberCount.ShouldBe(1);
        }

        broadcaster.SubscriberCount.ShouldBe(0);
    }

    private IAsyncEnumerator<IReadOnlyCollection<(string Key, int Value)>?> Reader() =>
        broadcaster.Subscribe(_ => true, Token).GetAsyncEnumerator(Token);

    private void Publish(string key, int value) => broadcaster.Publish(key, (key, value));

    private static async Task<IReadOnlyCollection<(string Key, int Value)>?> Next(
        IAsyncEnumerator<IReadOnlyCollection<(string Key, int Value)>?> reader
    )
    {
        (await reader.MoveNextAsync()).ShouldBeTrue();
        return reader.Current;
    }
}
