using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>Creates routes of the deployment <c>iris</c>.</summary>
internal static class Routes
{
    public static readonly DeploymentName Iris = DeploymentName.Parse("iris");

    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Traffic counters that no other test uses.</summary>
    public static DeploymentTraffic Traffic => new TrafficRegistry(TimeProvider.System).For(Iris);

    public static Route Create(long version, params string[] pods) =>
        new()
        {
            Deployment = Iris,
            Version = version,
            State = RouteState.Serving,
            Pods = [.. pods.Select(Pod)],
            Configuration = new()
            {
                Concurrency = 1,
                QueueLength = 2000,
                QueueTimeout = WaitTimeout,
                FirstByteTimeout = TimeSpan.FromMinutes(1),
                StreamIdleTimeout = TimeSpan.FromMinutes(1),
            },
        };

    public static Route WithConcurrency(this Route route, int concurrency) =>
        route with
        {
            Configuration = route.Configuration with { Concurrency = concurrency },
        };

    public static Route WithQueueLength(this Route route, int length) =>
        route with
        {
            Configuration = route.Configuration with { QueueLength = length },
        };

    public static Route WithState(this Route route, RouteState state) => route with { State = state };

    public static Route WithFailure(this Route route, DateTimeOffset at, params string[] lastLines) =>
        route with
        {
            Failure = new("iris-1-aaaaa", 1, "CrashLoopBackOff", "The serving script ended with exit code 3.", 3, [.. lastLines], at),
            RetryAt = at.AddSeconds(1),
        };

    public static Route WithRestartingPod(this Route route) => route with { RetryAt = null };

    public static Route WithKeys(this Route route, params KeyEntry[] keys) => route with { Keys = [.. keys] };

    public static RoutePod Pod(string name) => new(new(name), new("http://127.0.0.1:9000"), 1);

    public static CompiledRoute Compile(this Route route) =>
        CompiledRoute.Create(route, [.. route.Pods.Select(p => new PodDestination(p))], null);
}
