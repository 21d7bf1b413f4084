using System.Threading.Channels;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain.Deployments;
using DeployCard.Domain.Routing;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Sample deployments and pods for the tests of the parts of a deployment.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DeploymentName Name = DeploymentName.Parse("iris");

    public static DeploymentState State(int pods = 1, int revision = 1) =>
        new() { Name = Name.Value, Revisions = [new(revision, "image", new() { Pods = new(pods, 10) }, Now, "anna")] };

    public static PodObservation Pod(string id, PodPhase phase = PodPhase.Ready, int revision = 1) =>
        new()
        {
            Name = new($"iris-{revision}-{id}"),
            Deployment = Name,
            Revision = revision,
            Phase = phase,
            CreatedAt = Now,
            Address = phase is PodPhase.Ready ? new($"http://{id}.invalid/") : null,
        };

    public static PodSpec Spec(PodName name) =>
        new()
        {
            Name = name,
            Deployment = Name,
            Revision = 1,
            Image = "image",
            Environment = new Dictionary<string, string>(),
            StartupTimeout = TimeSpan.FromMinutes(1),
        };
}

/// <summary>Persistent state in memory. Each write is appended to <paramref name="log"/>, or fails with <see cref="Failure"/>.</summary>
internal sealed class FakeState<T>(string name, List<string> log) : IPersistentState<T>
    where T : new()
{
    /// <summary>Error of each operation; null to succeed.</summary>
    public Exception? Failure { get; set; }

    public T State { get; set; } = new();

    public string? Etag => null;

    public bool RecordExists => true;

    public Task ReadStateAsync() => Task.CompletedTask;

    public Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();

    public Task WriteStateAsync() => Execute("write");

    public Task WriteStateAsync(CancellationToken cancellationToken) => Execute("write");

    public Task ClearStateAsync() => Execute("clear");

    public Task ClearStateAsync(CancellationToken cancellationToken) => Execute("clear");

    private Task Execute(string operation)
    {
        if (Failure is not null)
            return Task.FromException(Failure);
        log.Add($"{operation} {name}");
        return Task.CompletedTask;
    }
}

/// <summary>Gateways of which the test sets the response.</summary>
internal sealed class FakeRoutes(List<string> log) : IRoutePublisher
{
    /// <summary>All published routes, oldest first.</summary>
    public List<Route> Published { get; } = [];

    /// <summary>Whether the gateways acknowledge routes.</summary>
    public bool Acknowledge { get; set; } = true;

    /// <summary>Highest version that a gateway already has.</summary>
    public long Highest { get; set; }

    /// <summary>Load of each pod; null if a gateway does not respond.</summary>
    public PodLoad? Load { get; set; } = default(PodLoad);

    public Task<RoutePublishResult> Publish(Route route, CancellationToken cancellationToken)
    {
        Published.Add(route);
        log.Add($"route {route.State} {route.Pods.Count}");
        return Task.FromResult(new RoutePublishResult(Acknowledge, Math.Max(Highest, Acknowledge ? route.Version : 0)));
    }

    public Task<PodLoad?> GetPodLoad(DeploymentName deployment, PodName pod, CancellationToken cancellationToken) => Task.FromResult(Load);
}

/// <summary>A pod runtime that reports only what the test passes to <see cref="Reports"/>.</summary>
internal sealed class FakeRuntime(List<string> log) : IPodRuntime
{
    public bool IsShuttingDown { get; set; }

    public Channel<IReadOnlyList<PodObservation>> Reports { get; private set; } =
        Channel.CreateUnbounded<IReadOnlyList<PodObservation>>(new() { AllowSynchronousContinuations = true });

    public List<PodSpec> Started { get; } = [];

    public List<PodName> Stopped { get; } = [];

    /// <summary>Error of each start; null to succeed.</summary>
    public Exception? StartFailure { get; set; }

    /// <summary>Result of each stop; null to end the pod immediately.</summary>
    public Func<PodName, Task<PodObservation?>>? OnStop { get; set; }

    /// <summary>Fails the current watch. The next one gets new reports.</summary>
    public void FailWatch()
    {
        var failed = Reports;
        Reports = Channel.CreateUnbounded<IReadOnlyList<PodObservation>>(new() { AllowSynchronousContinuations = true });
        failed.Writer.Complete(new InvalidOperationException("The platform is unavailable."));
    }

    public Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        if (StartFailure is not null)
            return Task.FromException(StartFailure);
        Started.Add(pod);
        log.Add("start pod");
        return Task.CompletedTask;
    }

    public Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        Stopped.Add(pod);
        return OnStop?.Invoke(pod) ?? Task.FromResult<PodObservation?>(null);
    }

    public IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(DeploymentName deployment, CancellationToken cancellationToken) =>
        Reports.Reader.ReadAllAsync(cancellationToken);
}

/// <summary>Records the notifications about pods.</summary>
internal sealed class RecordingListener : IPodListener
{
    public int Reports { get; private set; }

    public int Needed { get; private set; }

    public List<PodName> Ended { get; } = [];

    /// <summary>Called when a draining pod is needed.</summary>
    public Action? OnNeeded { get; set; }

    public Task OnPodsReported()
    {
        Reports++;
        return Task.CompletedTask;
    }

    public Task OnPodEnded(PodObservation ended)
    {
        Ended.Add(ended.Name);
        return Task.CompletedTask;
    }

    public Task OnDrainingPodNeeded()
    {
        Needed++;
        OnNeeded?.Invoke();
        return Task.CompletedTask;
    }
}

/// <summary>A timer that only records whether it runs.</summary>
internal sealed class FakeReconcileTimer : IReconcileTimer
{
    public bool IsRunning { get; private set; }

    public void Start(Func<Task> reconcile) => IsRunning = true;

    public void Stop() => IsRunning = false;
}
