using DeployCard.Client.Cluster;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Grains.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallDispatcherTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CallId[] Ids = [.. Enumerable.Range(0, 6).Select(i => CallId.Create(Start.AddSeconds(i)))];

    private readonly FakeTimeProvider time = new(Start);
    private readonly AsyncCallOptions options = new();
    private readonly CallWindow window = new();
    private readonly GrainsDouble grains = new();
    private readonly List<string> started = [];
    private readonly List<string> failed = [];
    private readonly CallDispatcher dispatcher;
    private Route current = DispatchPlanTests.Route(pods: 1, concurrency: 2);
    private Func<Task<ExecutionStatus>> onStart = () => new TaskCompletionSource<ExecutionStatus>().Task;
    private int ended;

    public CallDispatcherTests()
    {
        var route = new CachedRoute(() => Task.FromResult(current));
        dispatcher = new(
            DeploymentName.Parse("iris"),
            window,
            route,
            grains.Factory,
            new GrainRetry(time),
            options,
            () =>
            {
                ended++;
                return Task.CompletedTask;
            },
            time,
            NullLogger.Instance
        );
        grains.On<IAsyncCallGrain>(
            "StartExecution",
            (key, _) =>
            {
                started.Add(key);
                return onStart();
            }
        );
        grains.On<IAsyncCallGrain>(
            "Fail",
            (key, _) =>
            {
                failed.Add(key);
                return Task.CompletedTask;
            }
        );
        foreach (var id in Ids)
            window.Add(id);
    }

    [Fact]
    public async Task Oldest_calls_start_up_to_the_limit()
    {
        onStart = () => Task.FromResult(ExecutionStatus.Running);
        grains.On<IAsyncCallGrain>("WaitForExecution", (_, _) => new TaskCompletionSource<ExecutionStatus>().Task);

        await dispatcher.Dispatch();
        await dispatcher.Dispatch();

        started.ShouldBe(Ids[..4].Select(id => id.Value));
        (window.DispatchedCount, window.ReadyCount).ShouldBe((4, 2));
    }

    [Fact]
    public async Task Surplus_call_does_not_start_before_an_earlier_one()
    {
        await dispatcher.Dispatch();

        started.ShouldBe(Ids[..2].Select(id => id.Value), "the other two are surplus, and no start is confirmed");
        window.DispatchedCount.ShouldBe(4);
    }

    [Fact]
    public async Task Ended_call_leaves_the_window_and_the_queue_dispatches_again()
    {
        onStart = () => Task.FromResult(ExecutionStatus.CallEnded);

        await dispatcher.Dispatch();

        (window.Count, window.DispatchedCount, ended).ShouldBe((0, 0, Ids.Length));
    }

    [Fact]
    public async Task Call_that_has_not_ended_is_deferred()
    {
        onStart = () => Task.FromResult(new ExecutionStatus(false, Start.AddSeconds(30)));

        await dispatcher.Dispatch();

        (window.Count, window.ReadyCount, window.DispatchedCount, ended).ShouldBe((6, 0, 0, 6));
        window.ReleaseDeferred(Start.AddSeconds(30));
        window.ReadyCount.ShouldBe(6);
    }

    [Fact]
    public async Task Failed_execution_is_deferred_by_the_initial_backoff_and_not_lost()
    {
        onStart = () => throw new InvalidOperationException("The call has no state.");

        await dispatcher.Dispatch();

        (window.Count, window.DispatchedCount, ended).ShouldBe((6, 0, 6));
        window.ReleaseDeferred(Start + options.InitialBackoff);
        window.ReadyCount.ShouldBe(6);
    }

    [Fact]
    public async Task Calls_of_a_stopped_deployment_wait()
    {
        current = DispatchPlanTests.Route(state: RouteState.Stopped);

        await dispatcher.Dispatch();

        (started.Count, failed.Count, window.ReadyCount).ShouldBe((0, 0, 6));
    }

    [Fact]
    public async Task All_calls_of_a_deleted_deployment_end_in_an_error_also_those_at_a_pod()
    {
        current = DispatchPlanTests.Route(state: RouteState.Deleted);
        window.Dequeue();
        window.SetInFlight(Ids[0], true);

        await dispatcher.Dispatch();

        failed.ShouldBe(Ids.Select(id => id.Value));
        started.ShouldBeEmpty();
    }
}
