using System.Diagnostics.Metrics;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Domain.Deployments;
using DeployCard.Domain.Pods;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A change is stored first, then recorded and published, and then the pods follow.</summary>
public sealed class DeploymentReconcilerTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<string> log = [];
    private readonly FakeTimeProvider time = new(Sample.Now);
    private readonly FakeState<DeploymentState> stored;
    private readonly FakeState<DeploymentHistory> history;
    private readonly FakeRoutes routes;
    private readonly FakeRuntime runtime;
    private readonly FakeReconcileTimer timer = new();
    private readonly DeploymentStorage storage;
    private readonly DeploymentPods pods;
    private readonly DeploymentViews views;
    private readonly DeploymentReconciler reconciler;

    public DeploymentReconcilerTests()
    {
        (stored, history, routes, runtime) = (new("state", log), new("history", log), new(log), new(log));
        pods = new(Sample.Name, new RecordingListener(), runtime, routes, time, NullLogger.Instance);
        var scaling = new ScalingLoop(new(), maxPods: 10, time);
        views = new(
            () => DeploymentProjection.CreateView(Sample.Name, stored.State, pods.View, scaling.Decision),
            view => log.Add($"view {view.Status}"),
            CancellationToken.None
        );
        storage = new(Sample.Name, stored, history, () => log.Add("rolled back"), () => log.Add("stale"), time, NullLogger.Instance);
        reconciler = new(
            Sample.Name,
            storage,
            pods,
            scaling,
            new(routes, 0, () => log.Add("superseded"), time),
            views,
            timer,
            new PodMetrics(services.GetRequiredService<IMeterFactory>(), new TrafficRegistry(time)),
            time,
            NullLogger.Instance
        );
        // The first report is available when the watch begins.
        runtime.Reports.Writer.TryWrite([]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        pods.Dispose();
        services.Dispose();
    }

    [Fact]
    public async Task Change_is_stored_then_recorded_then_published_and_then_pods_start()
    {
        await Create();

        log.Take(5).ShouldBe(["write state", "write history", "route Serving 0", "view Idle", "start pod"]);
        storage.State.UpdatedAt.ShouldBe(Sample.Now);
        timer.IsRunning.ShouldBeTrue();
    }

    [Fact]
    public async Task Change_that_is_not_stored_has_no_effect()
    {
        await Create();
        log.Clear();
        stored.Failure = new TimeoutException();

        await Should.ThrowAsync<TimeoutException>(() => reconciler.Commit(DeploymentChanges.Stop(storage.State), "anna", Token));

        log.ShouldBe(["rolled back"]);
        storage.State.IsStopped.ShouldBeFalse();
        storage.Events.ShouldNotContain(happened => happened.Kind == EventKind.Stopped);
        reconciler.GetRoute().State.ShouldBe(RouteState.Serving);
    }

    [Fact]
    public async Task Ready_pod_enters_the_route_although_storage_is_unavailable()
    {
        await Create();
        stored.Failure = new TimeoutException();
        log.Clear();

        runtime.Reports.Writer.TryWrite([Sample.Pod("aaaaa")]);
        await reconciler.Reconcile();

        log.ShouldContain("route Serving 1");
        log.ShouldContain("view Ready");
        storage.HasPendingWrites.ShouldBeTrue();
        storage.Events.ShouldContain(happened => happened.Kind == EventKind.PodReady);
    }

    [Fact]
    public async Task Timer_runs_until_an_inactive_deployment_is_stored()
    {
        await Create(minPods: 0);
        timer.IsRunning.ShouldBeFalse();
        await reconciler.Commit(StateChange.From(storage.State, EventKind.Updated, "x", state => state.IsActive = true), "anna", Token);
        history.Failure = new TimeoutException();
        await reconciler.Record(EventKind.ReadmeUpdated, "x", "anna");

        await reconciler.Reconcile();
        timer.IsRunning.ShouldBeTrue();

        history.Failure = null;
        time.Advance(DeploymentStorage.RetryDelay);
        await reconciler.Reconcile();
        timer.IsRunning.ShouldBeFalse();
    }

    [Fact]
    public async Task Scaling_is_recorded_as_an_event_with_the_previous_number()
    {
        await Create();

        storage.Events.Select(happened => happened.Kind).ShouldBe([EventKind.Created, EventKind.Scaled]);
        storage.Events[1].Message.ShouldEndWith("(previously 0).");
    }

    [Fact]
    public async Task Purge_removes_the_state_before_it_publishes_that_the_deployment_is_missing()
    {
        await Create();
        log.Clear();
        await using var stream = views.Subscribe(Token).GetAsyncEnumerator(Token);
        (await stream.MoveNextAsync()).ShouldBeTrue();

        await reconciler.Purge(Token);

        log.ShouldBe(["clear history", "clear state", "route Missing 0"]);
        timer.IsRunning.ShouldBeFalse();
        var end = stream.MoveNextAsync();
        end.IsCompleted.ShouldBeTrue();
        (await end).ShouldBeFalse();
    }

    [Fact]
    public async Task Pods_are_not_replaced_while_the_silo_shuts_down()
    {
        await Create();
        log.Clear();
        runtime.IsShuttingDown = true;

        runtime.Reports.Writer.TryWrite([]);
        time.Advance(ObservedPods.FirstReportTimeout);
        await reconciler.Reconcile();

        log.ShouldBeEmpty();
    }

    [Fact]
    public async Task End_of_a_pod_is_recorded_with_its_exit_code_and_reason()
    {
        await Create();

        await reconciler.RecordEnd(Sample.Pod("aaaaa") with { ExitCode = 137, Reason = PodReasons.Exited });

        storage.Events[^1].Message.ShouldBe($"Pod iris-1-aaaaa exited with code 137 ({PodReasons.Exited}).");
        storage.EndedPods.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Ended);
    }

    private Task<DeploymentView> Create(int minPods = 1)
    {
        var state = Sample.State(minPods);
        state.IsActive = true;
        return reconciler.Commit(new(state, EventKind.Created, "Created."), "anna", Token);
    }
}
