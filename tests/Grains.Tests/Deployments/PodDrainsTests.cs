using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Domain.Deployments;
using DeployCard.Domain.Pods;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A pod stops only after its last request or its limit, and never returns to service after that.</summary>
public sealed class PodDrainsTests
{
    private static readonly PodObservation First = Sample.Pod("aaaaa");
    private static readonly PodObservation Second = Sample.Pod("bbbbb");
    private static readonly IReadOnlySet<PodName> None = new HashSet<PodName>();

    private readonly FakeTimeProvider time = new(Sample.Now);
    private readonly FakeRoutes routes = new([]);
    private readonly FakeRuntime runtime = new([]);
    private readonly RecordingListener listener = new();
    private readonly ObservedPods observed;
    private readonly PodDrains drains;

    public PodDrainsTests()
    {
        observed = new(Sample.Name, time);
        drains = new(Sample.Name, observed, listener, runtime, routes, time, NullLogger.Instance, CancellationToken.None);
        Report(First, Second);
    }

    [Fact]
    public void Busy_pod_is_stopped_after_its_last_request()
    {
        routes.Load = new(1, 0);
        Drain(First);
        Poll(20);
        runtime.Stopped.ShouldBeEmpty();
        drains.Live.ShouldBe([Second]);
        drains.View[0].Phase.ShouldBe(PodPhase.Draining);

        routes.Load = new(0, 0);
        Poll();

        runtime.Stopped.ShouldBe([First.Name]);
    }

    [Fact]
    public void Unknown_load_does_not_count_as_idle()
    {
        routes.Load = null;
        Drain(First);
        Poll(20);

        runtime.Stopped.ShouldBeEmpty();
    }

    [Fact]
    public void Busy_pod_is_stopped_at_its_limit()
    {
        routes.Load = new(1, 0);
        Drain(First, DrainCause.Superseded, 3 * PodDrains.PollInterval);

        Poll(2);
        runtime.Stopped.ShouldBeEmpty();
        Poll();
        runtime.Stopped.ShouldBe([First.Name]);
    }

    [Fact]
    public void Recalled_pod_serves_again_and_is_not_stopped()
    {
        routes.Load = new(1, 0);
        Drain(First);
        drains.Recall(First.Name);
        routes.Load = new(0, 0);
        Poll(3);

        runtime.Stopped.ShouldBeEmpty();
        drains.Live.ShouldBe([First, Second]);
    }

    [Fact]
    public void Pod_that_was_asked_to_stop_never_returns_to_service()
    {
        var ending = new TaskCompletionSource<PodObservation?>();
        runtime.OnStop = _ => ending.Task;
        Drain(First);
        runtime.Stopped.ShouldBe([First.Name]);

        drains.Recall(First.Name);
        Drain(First, DrainCause.Stopped);

        drains.Live.ShouldBe([Second]);
        drains.GetCandidates(None).Select(candidate => candidate.Observation).ShouldBe([Second]);
        runtime.Stopped.Count.ShouldBe(1);
        ending.SetResult(First);
        listener.Ended.ShouldBe([First.Name]);
    }

    [Fact]
    public void Draining_pod_is_needed_while_requests_wait_and_no_other_pod_is_ready()
    {
        Report(First);
        routes.Load = new(0, 1);
        Drain(First);
        Poll(2);

        runtime.Stopped.ShouldBeEmpty();
        listener.Needed.ShouldBe(3);
    }

    [Fact]
    public void Waiting_requests_do_not_keep_the_pods_of_a_stopped_deployment()
    {
        Report(First);
        routes.Load = new(0, 1);

        Drain(First, DrainCause.Stopped);

        runtime.Stopped.ShouldBe([First.Name]);
        listener.Needed.ShouldBe(0);
    }

    [Fact]
    public void Waiting_requests_do_not_keep_a_pod_if_another_one_is_ready()
    {
        routes.Load = new(0, 1);

        Drain(First);

        runtime.Stopped.ShouldBe([First.Name]);
    }

    [Fact]
    public void Stricter_cause_replaces_the_limit_of_a_drain()
    {
        routes.Load = new(1, 0);
        Drain(First);
        Drain(First, DrainCause.Stopped, TimeSpan.Zero);
        runtime.Stopped.ShouldBe([First.Name]);

        routes.Load = new(0, 0);
        Poll(3);

        runtime.Stopped.Count.ShouldBe(1);
    }

    [Fact]
    public void Weaker_cause_does_not_replace_a_drain()
    {
        routes.Load = new(1, 0);
        Drain(First, DrainCause.Stopped, 2 * PodDrains.PollInterval);
        Drain(First);
        Poll(2);

        runtime.Stopped.ShouldBe([First.Name]);
    }

    [Fact]
    public void Pod_whose_stop_failed_can_drain_again()
    {
        runtime.OnStop = _ => Task.FromException<PodObservation?>(new InvalidOperationException("The platform is unavailable."));
        Drain(First);
        drains.Live.ShouldBe([First, Second]);

        Drain(First);

        runtime.Stopped.Count.ShouldBe(2);
    }

    [Fact]
    public void End_of_a_pod_that_its_host_stops_is_reported()
    {
        var evicted = First with { Phase = PodPhase.Draining };
        runtime.OnStop = _ => Task.FromResult<PodObservation?>(evicted);

        Report(evicted, Second);

        listener.Ended.ShouldBe([First.Name]);
    }

    [Fact]
    public void Pods_that_end_during_the_shutdown_are_not_followed()
    {
        runtime.IsShuttingDown = true;

        Report(First with { Phase = PodPhase.Draining }, Second);

        runtime.Stopped.ShouldBeEmpty();
    }

    private void Report(params PodObservation[] pods)
    {
        observed.Apply(pods);
        drains.OnReported();
    }

    private void Drain(PodObservation pod, DrainCause cause = DrainCause.Surplus, TimeSpan? limit = null) =>
        drains.Drain(pod.Name, cause, limit, TimeSpan.FromSeconds(30));

    /// <summary>Advances the clock to the next polls. The tasks of the drains continue on this thread.</summary>
    private void Poll(int times = 1)
    {
        for (var i = 0; i < times; i++)
            time.Advance(PodDrains.PollInterval);
    }
}
