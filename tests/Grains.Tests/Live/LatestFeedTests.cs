using DeployCard.Grains.Live;

namespace DeployCard.Grains.Tests.Live;

public sealed class LatestFeedTests : IDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly LatestFeed<string, (string Key, int Value)> feed;

    public LatestFeedTests() => feed = new(3, stopping.Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => stopping.Dispose();

    [Fact]
    public async Task A_slow_reader_gets_the_newest_of_each()
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
    public async Task Too_many_changed_things_begin_it_anew_once()
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
    public async Task What_does_not_fit_is_not_told()
    {
        await using var reader = feed.Watch(item => item.Key == "a", Token).GetAsyncEnumerator(Token);
        (await Next(reader)).ShouldBeNull();

        foreach (var key in new[] { "b", "c", "d", "e", "a" })
            Publish(key, 1);

        (await Next(reader)).ShouldBe([("a", 1)]);
    }

    [Fact]
    public async Task It_breaks_off_when_its_grain_goes_and_when_its_silo_stops()
    {
        await using var first = Reader();
        await Next(first);
        feed.BreakOff();
        await Should.ThrowAsync<FeedMovedException>(async () => await Next(first));
        await using var second = Reader();
        await Next(second);

        await stopping.CancelAsync();

        await Should.ThrowAsync<FeedMovedException>(async () => await Next(second));
    }

    [Fact]
    public async Task Who_leaves_is_forgotten()
    {
        await using (var reader = Reader())
        {
            await Next(reader);
            feed.Watchers.ShouldBe(1);
        }

        feed.Watchers.ShouldBe(0);
    }

    private IAsyncEnumerator<IReadOnlyCollection<(string Key, int Value)>?> Reader() =>
        feed.Watch(_ => true, Token).GetAsyncEnumerator(Token);

    private void Publish(string key, int value) => feed.Publish(key, (key, value));

    private static async Task<IReadOnlyCollection<(string Key, int Value)>?> Next(
        IAsyncEnumerator<IReadOnlyCollection<(string Key, int Value)>?> reader
    )
    {
        (await reader.MoveNextAsync()).ShouldBeTrue();
        return reader.Current;
    }
}
