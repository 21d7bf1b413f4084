using System.Diagnostics;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class WatchTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Who_reads_slowly_misses_steps_between_but_never_the_newest()
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
    public async Task A_watch_that_is_canceled_ends()
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
    public async Task An_open_watch_does_not_hold_the_end_of_the_silos_up()
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
        await Task.WhenAll(ends).WaitAsync(TestSilos.Patience, TimeProvider.System, Token);

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
                // The client goes with its silos, and its answer may be lost on the way: that it ends is what counts.
            }
        }
    }
}
