using DeployCard.Common.Live;

namespace DeployCard.Grains.Tests.Live;

public sealed class TopicBroadcasterTests
{
    private readonly TopicBroadcaster<string, int> broadcaster = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subscriber_gets_the_latest_item_of_its_topic_only()
    {
        using var iris = broadcaster.Subscribe("iris");
        using var other = broadcaster.Subscribe("other");

        broadcaster.Publish("iris", _ => 1);
        broadcaster.Publish("iris", _ => 2);
        broadcaster.Publish("other", _ => 3);

        (await ReadOne(iris)).ShouldBe(2);
        (await ReadOne(other)).ShouldBe(3);
    }

    [Fact]
    public async Task Published_item_replaces_an_earlier_one_of_the_subscriber()
    {
        using var iris = broadcaster.Subscribe("iris");

        iris.Enqueue(1);
        broadcaster.Publish("iris", _ => 2);

        (await ReadOne(iris)).ShouldBe(2);
    }

    [Fact]
    public void Item_without_subscribers_is_not_created() =>
        broadcaster.Publish("iris", _ => throw new InvalidOperationException("The item was created."));

    [Fact]
    public void Topic_exists_while_it_has_subscribers()
    {
        var (first, second) = (broadcaster.Subscribe("iris"), broadcaster.Subscribe("iris"));
        broadcaster.Topics.ShouldBe(["iris"]);

        first.Dispose();
        first.Dispose();
        broadcaster.HasSubscribers("iris").ShouldBeTrue();
        second.Dispose();
        broadcaster.HasSubscribers("iris").ShouldBeFalse();

        using var third = broadcaster.Subscribe("iris");
        second.Dispose();
        broadcaster.HasSubscribers("iris").ShouldBeTrue();
    }

    [Fact]
    public void Topics_are_removed_after_concurrent_subscriptions()
    {
        Parallel.For(
            0,
            10_000,
            i =>
            {
                using var reader = broadcaster.Subscribe($"topic {i % 3}");
                broadcaster.HasSubscribers($"topic {i % 3}").ShouldBeTrue();
                broadcaster.Publish($"topic {i % 3}", _ => i);
            }
        );

        broadcaster.Topics.ShouldBeEmpty();
    }

    private static async Task<int> ReadOne(Subscription<int> reader)
    {
        await using var items = reader.ReadAll(Token).GetAsyncEnumerator(Token);
        (await items.MoveNextAsync()).ShouldBeTrue();
        return items.Current;
    }
}
