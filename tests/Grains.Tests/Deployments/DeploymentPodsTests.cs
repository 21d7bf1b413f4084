using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Domain.Deployments;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>No pod starts or drains before the first report, or drains before it has left the route of every gateway.</summary>
public sealed class DeploymentPodsTests : IDisposable
{
    private static readonly PodObservation Pod = Sample.Pod("aaaaa");
    private static readonly IReadOnlySet<PodName> None = new HashSet<PodName>();

    private readonly List<string> log = [];
    private readonly FakeTimeProvider time = new(Sample.Now);
    private readonly FakeRuntime runtime;
    private readonly FakeRoutes routes;
    private readonly RecordingListener listener = new();
    private readonly DeploymentPods pods;
    private bool acknowledge = true;

    public DeploymentPodsTests()
    {
        (runtime, routes) = (new(log), new(log) { Load = new(1, 0) });
        pods = new(Sample.Name, listener, runtime, routes, time, NullLogger.Instance);
    }

    public void Dispose() => pods.Dispose();

    [Fact]
    public async Task No_pod_starts_before_the_first_report()
    {
        await Reconcile(desired: 2);
        runtime.Started.ShouldBeEmpty();

        Report();
        await Reconcile(desired: 2);
        runtime.Started.Count.ShouldBe(2);
        listener.Reports.ShouldBe(1);

        await Reconcile(desired: 2);
        runtime.Started.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Pod_drains_only_after_every_gateway_has_acknowledged_a_route_without_it()
    {
        Report(Pod);
        acknowledge = false;
        await Reconcile(desired: 0);
        log.ShouldBe([$"without {Pod.Name}, 1 live"]);
        pods.Live.ShouldBe([Pod]);

        acknowledge = true;
        await Reconcile(desired: 0);
        pods.Live.ShouldBeEmpty();
        log.Count.ShouldBe(2);

        await Reconcile(desired: 0);
        log.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Stopped_deployment_drains_its_pods_even_if_a_gateway_does_not_respond()
    {
        Report(Pod);
        acknowledge = false;

        await Reconcile(desired: 0, isStopped: true);

        log.ShouldBe([$"without {Pod.Name}, 1 live"]);
        pods.Live.ShouldBeEmpty();
    }

    [Fact]
    public async Task Draining_pod_is_recalled_before_a_pod_is_started()
    {
        Report(Pod);
        await Reconcile(desired: 0);
        pods.View.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Draining);

        await Reconcile(desired: 1);

        pods.Live.ShouldBe([Pod]);
        runtime.Started.ShouldBeEmpty();
    }

    [Fact]
    public async Task Failed_start_is_retried()
    {
        Report();
        runtime.StartFailure = new InvalidOperationException("The platform is unavailable.");
        await Reconcile(desired: 1);
        pods.All.ShouldBeEmpty();

        runtime.StartFailure = null;
        await Reconcile(desired: 1);
        pods.All.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Starting);
    }

    [Fact]
    public void Failed_watch_is_opened_again_after_a_second()
    {
        Report();
        runtime.FailWatch();
        Report(Pod);
        pods.All.ShouldBeEmpty();

        time.Advance(TimeSpan.FromSeconds(1));

        pods.All.ShouldBe([Pod]);
    }

    [Fact]
    public void Pods_keep_running_after_the_grain_has_deactivated()
    {
        Report(Pod);
        pods.Dispose();

        runtime.Reports.Writer.TryWrite([Pod with { Phase = PodPhase.Draining }]);

        listener.Reports.ShouldBe(1);
        runtime.Stopped.ShouldBeEmpty();
    }

    private void Report(params PodObservation[] report)
    {
        pods.Watch();
        runtime.Reports.Writer.TryWrite(report);
    }

    private Task Reconcile(int desired, bool isStopped = false)
    {
        var state = Sample.State();
        state.IsStopped = isStopped;
        return pods.Reconcile(state, desired, None, RemoveFromRoute);

        Task<bool> RemoveFromRoute(IReadOnlyList<PodName> without)
        {
            log.Add($"without {string.Join(' ', without)}, {pods.Live.Count} live");
            return Task.FromResult(acknowledge);
        }
    }
}
