using DeployCard.Domain.AsyncCalls;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class EndWaitersTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider time = new();
    private readonly CancellationTokenSource stop = new();
    private readonly EndWaiters waiters;

    public EndWaitersTests() => waiters = new(time, stop.Token);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => stop.Dispose();

    [Fact]
    public async Task Release_ends_all_waits_and_none_that_starts_later()
    {
        var waits = new[] { waiters.Wait(Second, Token), waiters.Wait(Second, Token) };

        waiters.Release();

        await Task.WhenAll(waits);
        waiters.Wait(Second, Token).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Wait_ends_without_an_exception_after_its_timeout()
    {
        var wait = waiters.Wait(Second, Token);
        wait.IsCompleted.ShouldBeFalse();

        time.Advance(Second);

        await wait;
    }

    [Fact]
    public async Task Wait_ends_without_an_exception_when_the_silo_stops()
    {
        var wait = waiters.Wait(Second, Token);

        await stop.CancelAsync();

        await wait;
    }

    [Fact]
    public async Task Canceled_request_ends_its_wait_with_an_exception()
    {
        using var client = new CancellationTokenSource();
        var wait = waiters.Wait(Second, client.Token);

        await client.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => wait);
    }
}
