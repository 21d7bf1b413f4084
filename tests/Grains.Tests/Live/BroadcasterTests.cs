using DeployCard.Common.Live;

namespace DeployCard.Grains.Tests.Live;

public sealed class BroadcasterTests : IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly Broadcaster<int> broadcaster;

    public BroadcasterTests() => broadcaster = new(3, stopping.Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => stopping.Dispose();

    [Fact]
    public async Task Slow_subscriber_misses_the_oldest_items_and_others_miss_none()
    {
        using var slow = broadcaster.Subscribe();
        using var quick = broadcaster.Subscribe();
        var read = new List<int>();
        await using var reader = quick.ReadAll(Token).GetAsyncEnumerator(Token);

        for (var i = 1; i <= 5; i++)
        {
            broadcaster.Publish(i);
            read.Add(await Next(reader));
        }

        broadcaster.Complete();
        read.ShouldBe([1, 2, 3, 4, 5]);
        (await ReadToEnd(slow)).ShouldBe([3, 4, 5]);
    }

    [Fact]
    public async Task Stream_begins_with_the_initial_items_and_misses_no_item_published_meanwhile()
    {
        await using var reader = broadcaster
            .Subscribe(
                () =>
                {
                    broadcaster.Publish(3);
                    return new([1, 2]);
                },
                Token
            )
            .GetAsyncEnumerator(Token);

        (await Next(reader)).ShouldBe(1);
        (await Next(reader)).ShouldBe(2);
        (await Next(reader)).ShouldBe(3);
    }

    [Fact]
    public async Task Completed_stream_ends_after_its_buffered_items()
    {
        using var reader = broadcaster.Subscribe();
        broadcaster.Publish(1);

        broadcaster.Complete();
        broadcaster.Publish(2);

        (await ReadToEnd(reader)).ShouldBe([1]);
    }

    [Fact]
    public async Task Failure_is_thrown_to_every_subscriber()
    {
        using var first = broadcaster.Subscribe();
        using var second = broadcaster.Subscribe();

        broadcaster.Complete(new InvalidOperationException("a bug"));

        (await Should.ThrowAsync<InvalidOperationException>(() => ReadToEnd(first))).Message.ShouldBe("a bug");
        (await Should.ThrowAsync<InvalidOperationException>(() => ReadToEnd(second))).Message.ShouldBe("a bug");
    }

    [Fact]
    public async Task Streams_are_aborted_when_the_grain_deactivates_or_the_silo_stops()
    {
        await using var first = Stream();
        await Next(first);
        broadcaster.Abort();
        await Should.ThrowAsync<StreamRelocatedException>(async () => await Next(first));
        await using var second = Stream();
        await Next(second);

        await stopping.CancelAsync();

        await Should.ThrowAsync<StreamRelocatedException>(async () => await Next(second));
        await using var late = Stream();
        await Next(late);
        await Should.ThrowAsync<StreamRelocatedException>(async () => await Next(late));
    }

    [Fact]
    public async Task Subscribers_are_counted_until_they_are_disposed()
    {
        var reader = broadcaster.Subscribe();
        await using (var stream = Stream())
        {
            await Next(stream);
            broadcaster.SubscriberCount.ShouldBe(2);
        }

        broadcaster.SubscriberCount.ShouldBe(1);
        reader.Dispose();
        reader.Dispose();
        broadcaster.SubscriberCount.ShouldBe(0);
    }

    [Fact]
    public void Concurrent_subscribers_and_publishers_do_not_disturb_each_other()
    {
        Parallel.For(
            0,
            10_000,
            i =>
            {
                using var reader = broadcaster.Subscribe();
                broadcaster.Publish(i);
            }
        );

        broadcaster.SubscriberCount.ShouldBe(0);
    }

    private IAsyncEnumerator<int> Stream() => broadcaster.Subscribe(() => new([0]), Token).GetAsyncEnumerator(Token);

    private static async Task<int> Next(IAsyncEnumerator<int> reader)
    {
        (await reader.MoveNextAsync()).ShouldBeTrue();
        return reader.Current;
    }

    private static async Task<List<int>> ReadToEnd(Subscription<int> reader)
    {
        var read = new List<int>();
        await foreach (var item in reader.ReadAll(Token))
            read.Add(item);
        return read;
    }
}
