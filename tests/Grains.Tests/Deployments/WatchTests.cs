using System.Diagnostics;
using DeployCard.Contracts.Deployments;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class WatchTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Slow_reader_misses_intermediate_states_but_never_the_latest()
    {
        var name = NewName();
        await Create(name);
        await using var watch = Silos.Deployment(name).Watch(Token).GetAsyncEnumerator(Token);
        await watch.MoveNextAsync();

        for (var i = 1; i <= 50; i++)
            Value(await Silos.Deployment(name).Update(new($"title {i}", null, null, null), Anna, Token));

        var seen = 0;
        do
        {
            (await watch.MoveNextAsync()).ShouldBeTrue();
            seen++;
        } while (watch.Current.Title != "title 50");
        seen.ShouldBeLessThan(50);
    }

    [Fact]
    public async Task Canceled_subscription_ends()
    {
        var name = NewName();
        await Create(name);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var watch = Silos.Deployment(name).Watch(cancel.Token).GetAsyncEnumerator(cancel.Token);
        await watch.MoveNextAsync();
        var next = watch.MoveNextAsync().AsTask();

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Open_subscriptions_do_not_delay_the_shutdown()
    {
        await using var silos = new TestSilos();
        await silos.Start();
        Value(await silos.Deployment("iris").Create(Draft(), Anna, Token));
        var ends = new List<Task>();
        for (var i = 0; i < 10; i++)
        {
            var watch = silos.Deployment("iris").Watch(Token).GetAsyncEnumerator(Token);
            (await watch.MoveNextAsync()).ShouldBeTrue();
            ends.Add(Drain(watch));
        }

        var started = Stopwatch.GetTimestamp();
        await silos.Stop();

        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(8));
        await Task.WhenAll(ends).WaitAsync(TestSilos.WaitTimeout, TimeProvider.System, Token);

        static async Task Drain(IAsyncEnumerator<DeploymentView> watch)
        {
            try
            {
                while (await watch.MoveNextAsync())
                    _ = watch.Current;
            }
            catch (Exception e)
                when (e
                        is Orleans.Runtime.OrleansException
                            or OperationCanceledException
                            or EnumerationAbortedException
                            or ObjectDisposedException
                )
            {
                // The client stops with its silos and the response may be lost. Only the end of the subscription matters.
            }
        }
    }
}
