using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Routing;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>Routes of the deployment <c>iris</c>.</summary>
internal static class Routes
{
    public static readonly DeploymentName Iris = DeploymentName.Parse("iris");

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A count of their own.</summary>
    public static DeploymentTraffic Traffic => new TrafficBook(TimeProvider.System).Of(Iris);

    public static Route Of(long version, params string[] pods) =>
        new()
        {
            Deployment = Iris,
            Version = version,
            State = RouteState.Serving,
            Pods = [.. pods.Select(Pod)],
            Limits = new()
            {
                Concurrency = 1,
                QueueLength = 2000,
                QueueTimeout = Patience,
                FirstByteTimeout = TimeSpan.FromMinutes(1),
                StreamIdleTimeout = TimeSpan.FromMinutes(1),
            },
        };

    public static Route Concurrency(this Route route, int concurrency) =>
        route with
        {
            Limits = route.Limits with { Concurrency = concurrency },
        };

    public static Route QueueLength(this Route route, int length) => route with { Limits = route.Limits with { QueueLength = length } };

    public static Route In(this Route route, RouteState state) => route with { State = state };

    public static Route Failed(this Route route, DateTimeOffset at, params string[] lastLines) =>
        route with
        {
            Failure = new("iris-1-aaaaa", 1, "CrashLoopBackOff", "The serving script ended with exit code 3.", 3, lastLines, at),
            RetryAt = at.AddSeconds(1),
        };

    public static Route StartingAgain(this Route route) => route with { RetryAt = null };

    public static Route Opens(this Route route, params KeyEntry[] keys) => route with { Keys = keys };

    public static RoutePod Pod(string name) => new(new(name), new("http://127.0.0.1:9000"), 1);

    public static GateRoute Ready(this Route route) =>
        new(route, [.. route.Pods.Select(p => new PodSlot(p))], route.Keys.Select(k => new KeySlot(k)));
}
