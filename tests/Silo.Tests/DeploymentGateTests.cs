using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Silo.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests;

/// <summary>Who comes through to which pod, and who waits how long.</summary>
public sealed class DeploymentGateTests
{
    private static readonly DeploymentName Name = DeploymentName.Parse("d");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider clock = new();
    private readonly DeploymentGate gate;
    private int waitsBegun;
    private long version;

    public DeploymentGateTests() => gate = new(Name, _ => Interlocked.Increment(ref waitsBegun), clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_who_wait_come_in_when_a_pod_appears()
    {
        Take();
        var waiting = Enumerable.Range(0, 1000).Select(_ => Enter()).ToList();
        gate.Waiting.ShouldBe(1000);
        waitsBegun.ShouldBe(1000);

        Take("a");

        (await Task.WhenAll(waiting)).ShouldAllBe(admission => admission.Pod != null);
        gate.InFlight.ShouldBe(1000);
        gate.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Those_who_wait_come_in_by_the_order_of_their_arrival_as_places_become_free()
    {
        Take(concurrency: 1, pods: "a");
        var first = await Enter();
        var (second, third) = (Enter(), Enter());
        gate.Release(first.Pod!);
        var next = await second;
        third.IsCompleted.ShouldBeFalse();
        gate.Release(next.Pod!);
        (await third).Pod.ShouldNotBeNull();
    }

    [Fact]
    public async Task More_than_may_wait_are_refused_at_once()
    {
        Take(queueLength: 2);
        var waiting = new[] { Enter(), Enter() };
        (await Enter()).Problem!.Code.ShouldBe("QUEUE_FULL");
        // An asynchronous call has its own bounds.
        Enter(isAsync: true).IsCompleted.ShouldBeFalse();
        waiting.ShouldAllBe(w => !w.IsCompleted);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_and_leaves_its_place()
    {
        Take();
        var waiting = Enter();
        clock.Advance(Patience);
        (await waiting).Problem!.Code.ShouldBe("NO_POD_IN_TIME");
        gate.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_its_place()
    {
        Take(concurrency: 1, pods: "a");
        var held = await Enter();
        using var client = new CancellationTokenSource();
        var leaving = gate.Enter(Patience, false, client.Token).AsTask();
        var staying = Enter();
        await client.CancelAsync();
        (await leaving).Problem!.Code.ShouldBe("CLIENT_GONE");
        gate.Release(held.Pod!);
        (await staying).Pod.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_new_failure_is_told_to_those_who_wait_but_not_to_asynchronous_calls()
    {
        Take();
        var (sync, later) = (Enter(), Enter(isAsync: true));
        var failure = new DeploymentFailure("a", 1, "Exited", "It ended.", 1, ["the last line"], clock.GetUtcNow());
        Take(failure: failure);
        var problem = (await sync).Problem!;
        problem.Code.ShouldBe("POD_FAILED");
        problem.Detail.ShouldContain("the last line");
        later.IsCompleted.ShouldBeFalse();

        // The same failure once more is no news for who came after it.
        var next = Enter();
        Take(failure: failure with { LastLines = ["the last line"] });
        next.IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(RouteState.Stopped, "DEPLOYMENT_STOPPED")]
    [InlineData(RouteState.Deleted, "DEPLOYMENT_DELETED")]
    [InlineData(RouteState.Missing, "DEPLOYMENT_NOT_FOUND")]
    public async Task Who_waits_for_a_deployment_that_takes_no_more_is_told(RouteState state, string code)
    {
        Take();
        var (sync, later) = (Enter(), Enter(isAsync: true));
        Take(state: state);
        (await sync).Problem!.Code.ShouldBe(code);
        (await later).Problem!.Code.ShouldBe(code);
        (await Enter()).Problem!.Code.ShouldBe(code);
    }

    [Fact]
    public async Task An_older_route_changes_nothing()
    {
        Take("a");
        var old = Route(0, RouteState.Stopped, 0, 10, null);
        gate.Take(old);
        (await Enter()).Pod!.Pod.Name.Value.ShouldBe("a");
    }

    [Fact]
    public async Task A_pod_that_the_route_names_no_more_keeps_its_count()
    {
        Take("a");
        var admission = await Enter();
        Take("b");
        gate.InFlightOf(new("a")).ShouldBe(1);
        (await Enter()).Pod!.Pod.Name.Value.ShouldBe("b");
        gate.Release(admission.Pod!);
        gate.InFlightOf(new("a")).ShouldBe(0);
    }

    [Fact]
    public async Task A_limit_is_never_exceeded_and_nobody_is_forgotten_under_load()
    {
        const int Limit = 3;
        Take(concurrency: Limit, queueLength: 100_000, pods: ["a", "b"]);
        var most = 0;
        async Task Client()
        {
            for (var i = 0; i < 2_000; i++)
            {
                var admission = await Enter();
                var pod = admission.Pod.ShouldNotBeNull();
                InterlockedMax(ref most, pod.InFlight);
                if (i % 7 == 0)
                    await Task.Yield();
                gate.Release(pod);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(Client, Cancellation)));
        most.ShouldBeLessThanOrEqualTo(Limit);
        gate.InFlight.ShouldBe(0);
        gate.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_pod_that_was_seen_empty_after_its_route_was_taken_gets_nobody_any_more()
    {
        Take("p0");
        var ended = new HashSet<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var wrong = 0;
        async Task Client()
        {
            while (!stop.IsCancellationRequested)
            {
                var pod = (await Enter()).Pod!;
                lock (ended)
                    wrong += ended.Contains(pod.Pod.Name.Value) ? 1 : 0;
                gate.Release(pod);
            }
        }

        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(Client, Cancellation)).ToList();
        for (var i = 1; i < 1_000; i++)
        {
            Take($"p{i}");
            // As the deployment does before it has a pod end.
            while (gate.InFlightOf(new($"p{i - 1}")) > 0)
                await Task.Yield();
            lock (ended)
                ended.Add($"p{i - 1}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        wrong.ShouldBe(0);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            if (Interlocked.CompareExchange(ref most, value, seen) == seen)
                return;
        }
    }

    private Task<Admission> Enter(bool isAsync = false) => gate.Enter(Patience, isAsync, Cancellation).AsTask();

    private void Take(params string[] pods) => Take(0, 10_000, RouteState.Serving, null, pods);

    private void Take(
        int concurrency = 0, int queueLength = 10_000, RouteState state = RouteState.Serving, DeploymentFailure? failure = null, params string[] pods) =>
        gate.Take(Route(++version, state, concurrency, queueLength, failure, pods));

    private static Grains.Routing.Route Route(long version, RouteState state, int concurrency, int queueLength, DeploymentFailure? failure, params string[] pods) => new()
    {
        Deployment = Name,
        Version = version,
        State = state,
        Pods = [.. pods.Select(pod => new RoutePod(new PodName(pod), new Uri($"http://{pod}.invalid/"), 1))],
        Limits = new(concurrency, queueLength, Patience, Patience),
        Failure = failure,
    };
}
