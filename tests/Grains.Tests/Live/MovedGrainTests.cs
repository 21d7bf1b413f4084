using DeployCard.Client.AsyncCalls;
using DeployCard.Client.Cluster;
using DeployCard.Client.Live;
using DeployCard.Client.Logs;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Live;

/// <summary>Tests of streams that a frontend reads from a grain on another silo while that silo is killed or shut down.</summary>
public sealed class MovedGrainTests() : OwnSilosTest(new TestSilos { SiloCount = 3 })
{
    private const string Iris = "iris";
    private static readonly PodName Pod = new("iris-1-abcde");

    private IDeploymentGrain Deployment => Silos.Deployment(Iris);

    private ILogGrain Log => Silos.Grains.GetGrain<ILogGrain>(Iris);

    private static GrainRetry Calls { get; } = new(TimeProvider.System);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deployment_stream_resumes_with_the_newest_state_and_repeats_no_state(bool isKilled)
    {
        await Create(Iris);
        var frontend = await Silos.ServicesOfOtherSilo(Deployment);
        var grain = frontend.GetRequiredService<IGrainFactory>().GetGrain<IDeploymentGrain>(Iris);
        await using var watch = new Seen<DeploymentView>(frontend.GetRequiredService<ResumableStream>().ReadStates(grain.Watch, Token));
        await Silos.Until(() => watch.Items.Count > 0);

        await End(Deployment, isKilled);
        Value(await Calls.Execute(() => Deployment.Update(new("moved", null, null, null), Anna, Token), Token));

        await Silos.Until(() => watch.Items[^1].Title == "moved");
        watch.Task.IsCompleted.ShouldBeFalse();
        watch.Items.Zip(watch.Items.Skip(1)).ShouldAllBe(pair => pair.First != pair.Second);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Log_stream_resumes_and_sends_each_line_once(bool isKilled)
    {
        await Create(Iris);
        await Write(1, 50);
        var frontend = await Silos.ServicesOfOtherSilo(Log);
        await using var tail = new Seen<LogChunk>(
            frontend.GetRequiredService<LogFollower>().Follow(DeploymentName.Parse(Iris), new(Last: 20), Token)
        );
        await Silos.Until(() => tail.Items.Count > 0);
        await Write(51, 50);
        await Silos.Until(() => Texts(tail).LastOrDefault() == "line 100");

        await End(Log, isKilled);
        // More lines than the query requests from the past.
        await Write(101, 50);
        await Write(151, 50);

        await Silos.Until(() => Texts(tail)[^1] == "line 200");
        Texts(tail).ShouldBe(Enumerable.Range(31, 170).Select(n => $"line {n}"));
        tail.Items.ShouldAllBe(chunk => chunk.DroppedLines == 0);
        tail.Items.SelectMany(chunk => chunk.Lines).Select(line => line.Sequence).ShouldBeInOrder(SortDirection.Ascending);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_of_all_calls_includes_calls_that_began_or_ended_while_their_queue_moved(bool isKilled)
    {
        await CreateReady(Iris, "1-1");
        Silos.Caller.Hang(Iris);
        var queue = Silos.Grains.GetGrain<IQueueGrain>(Iris);
        await queue.GetStatus([]);
        var frontend = await Silos.ServicesOfOtherSilo(queue);
        await using var all = new Seen<CallView>(
            frontend.GetRequiredService<CallSubscriptions>().SubscribeAll(DeploymentName.Parse(Iris), 0, Token)
        );
        var known = await AcceptUntilSeen(all);
        await Silos.Until(() => Silos.Caller.CallsOf(Iris).Count >= 1, Second);

        await End(queue, isKilled);
        Value(await Calls.Execute(() => Call(known).Cancel(Anna, Token), Token));
        var missed = await AcceptCall(Iris);

        await Silos.Until(
            () => all.Items.Any(call => call.Id == known && call.HasEnded) && all.Items.Any(call => call.Id == missed),
            Second
        );
        all.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Stream_of_all_calls_begins_with_the_current_state_of_the_newest_calls()
    {
        await CreateReady(Iris, "1-1");
        Silos.Caller.Hang(Iris);
        var accepted = new List<CallId>();
        for (var i = 0; i < 5; i++)
        {
            accepted.Add(await AcceptCall(Iris));
            Silos.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Value(await Call(accepted[3]).Cancel(Anna, Token));
        await using var all = new Seen<CallView>(Silos.Service<CallSubscriptions>().SubscribeAll(DeploymentName.Parse(Iris), 3, Token));
        await Silos.Until(() => all.Items.Count >= 3);

        all.Items.Take(3).Select(call => call.Id).ShouldBe(accepted[2..]);
        all.Items[1].ErrorCode.ShouldBe(CallErrorCode.Canceled);
        var next = await AcceptCall(Iris);
        await Silos.Until(() => all.Items.Any(call => call.Id == next), Second);
        all.Items.Select(call => call.Id).ShouldNotContain(accepted[0]);
    }

    [Fact]
    public async Task Stream_of_one_call_shows_its_end_after_its_queue_moved()
    {
        await CreateReady(Iris, "1-1");
        Silos.Caller.Hang(Iris);
        var id = await AcceptCall(Iris);
        var queue = Silos.Grains.GetGrain<IQueueGrain>(Iris);
        await queue.GetStatus([]);
        var frontend = await Silos.ServicesOfOtherSilo(queue);
        await using var one = new Seen<CallView>(
            frontend.GetRequiredService<CallSubscriptions>().Subscribe(DeploymentName.Parse(Iris), id, Token)
        );
        await Silos.Until(() => one.Items.Count > 0);

        await End(queue, isKilled: false);
        Value(await Calls.Execute(() => Call(id).Cancel(Anna, Token), Token));

        await Silos.Until(() => one.Items[^1].HasEnded, Second);
    }

    [Fact]
    public async Task Deployment_stream_resumes_after_another_activation_has_written_the_state()
    {
        await Create(Iris);
        var frontend = await Silos.ServicesOfOtherSilo(Deployment);
        var grain = frontend.GetRequiredService<IGrainFactory>().GetGrain<IDeploymentGrain>(Iris);
        await using var watch = new Seen<DeploymentView>(frontend.GetRequiredService<ResumableStream>().ReadStates(grain.Watch, Token));
        await Silos.Until(() => watch.Items.Count > 0);

        await Silos.IncrementStateVersion("deployment", Iris);
        await Should.ThrowAsync<Exception>(() => Deployment.Stop(Anna, Token));
        Value(await Calls.Execute(() => Deployment.Update(new("again", null, null, null), Anna, Token), Token));

        await Silos.Until(() => watch.Items[^1].Title == "again");
        watch.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Streams_complete_when_the_deployment_is_purged()
    {
        await Create(Iris);
        await Write(1, 1);
        var frontend = await Silos.ServicesOfOtherSilo(Deployment);
        var grain = frontend.GetRequiredService<IGrainFactory>().GetGrain<IDeploymentGrain>(Iris);
        await using var watch = new Seen<DeploymentView>(frontend.GetRequiredService<ResumableStream>().ReadStates(grain.Watch, Token));
        await using var tail = new Seen<LogChunk>(
            frontend.GetRequiredService<LogFollower>().Follow(DeploymentName.Parse(Iris), new(), Token)
        );
        await Silos.Until(() => watch.Items.Count > 0 && tail.Items.Count > 0);

        Value(await Deployment.Delete(Anna, Token));
        Silos.Clock.Advance(TimeSpan.FromDays(4));
        await Deployment.ExpireIfDue(Token);

        await watch.Task.WaitAsync(TestSilos.WaitTimeout, TimeProvider.System, Token);
        await tail.Task.WaitAsync(TestSilos.WaitTimeout, TimeProvider.System, Token);
    }

    [Fact]
    public async Task Stream_completes_when_the_silo_of_the_frontend_stops()
    {
        await Create(Iris);
        var home = await Silos.FindSilo(Deployment);
        var frontend = Silos.Cluster.Silos.First(silo => silo != home);
        var grain = frontend.ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IDeploymentGrain>(Iris);
        await using var watch = new Seen<DeploymentView>(
            frontend.ServiceProvider.GetRequiredService<ResumableStream>().ReadStates(grain.Watch, Token)
        );
        await Silos.Until(() => watch.Items.Count > 0);

        await Silos.Cluster.StopSiloAsync(frontend, Token);

        await watch.Task.WaitAsync(TestSilos.WaitTimeout, TimeProvider.System, Token);
    }

    private async Task<CallId> AcceptUntilSeen(Seen<CallView> all)
    {
        // The stream contains only calls that are accepted after it was opened, and the test cannot observe when that happens.
        while (all.Items.Count == 0)
            await AcceptCall(Iris);
        return all.Items[0].Id;
    }

    private async Task End(IAddressable grain, bool isKilled)
    {
        var home = await Silos.FindSilo(grain);
        await (isKilled ? Silos.Cluster.KillSiloAsync(home, Token) : Silos.Cluster.StopSiloAsync(home, Token));
    }

    private Task Write(int first, int count) =>
        Calls.Execute(
            () =>
                Log.Append(
                    Pod,
                    [.. Enumerable.Range(first, count).Select(n => new PodLogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, $"line {n}"))]
                ),
            Token
        );

    private static List<string> Texts(Seen<LogChunk> tail) => [.. tail.Items.SelectMany(chunk => chunk.Lines).Select(line => line.Text)];

    /// <summary>Reads a stream as a client does and collects its items.</summary>
    private sealed class Seen<T> : IAsyncDisposable
    {
        private readonly CancellationTokenSource leaving = new();
        private readonly Lock sync = new();
        private readonly List<T> items = [];

        public Seen(IAsyncEnumerable<T> stream) => Task = Read(stream);

        public Task Task { get; }

        public IReadOnlyList<T> Items
        {
            get
            {
                lock (sync)
                    return [.. items];
            }
        }

        public async ValueTask DisposeAsync()
        {
            await leaving.CancelAsync();
            await Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            leaving.Dispose();
        }

        private async Task Read(IAsyncEnumerable<T> stream)
        {
            await foreach (var item in stream.WithCancellation(leaving.Token))
            {
                lock (sync)
                    items.Add(item);
            }
        }
    }
}
