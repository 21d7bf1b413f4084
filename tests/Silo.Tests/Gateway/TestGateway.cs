using System.Reflection;
using DeployCard.Client.Cluster;
using DeployCard.Contracts.Access;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>
/// Builds the gateway, or parts of it, without a cluster and without storage. Only what a test configures responds; every other use of a
/// grain or a store throws <see cref="NotSupportedException"/>.
/// </summary>
internal sealed class TestGateway
{
    /// <summary>Fetches the route of a deployment. By default there is no cluster to fetch it from.</summary>
    public Func<DeploymentName, Task<Route>> FetchRoute { get; init; } = _ => throw new NotSupportedException("There is no cluster.");

    /// <summary>Counters of the requests.</summary>
    public TrafficRegistry Traffic { get; init; } = new(TimeProvider.System);

    /// <summary>Keys in storage. By default storage has no key.</summary>
    public IKeyStore Keys { get; init; } = new NoKeys();

    /// <summary>Hasher of the keys in the routes.</summary>
    public KeyHasher Hasher { get; init; } = new(new byte[32]);

    /// <summary>A grain factory that has no cluster.</summary>
    public static IGrainFactory NoGrains { get; } = Absent.Create<IGrainFactory>();

    /// <summary>Creates a route table that only contains the gates that a test creates.</summary>
    public static RouteTable CreateRoutes() => new TestGateway().CreateRouteTable();

    /// <summary>Creates a tracker that records uses in memory and does not store them.</summary>
    public static KeyUsageTracker CreateUsageTracker(TimeProvider time) =>
        new(NoGrains, new(time), time, NullLogger<KeyUsageTracker>.Instance);

    /// <summary>Starts a server whose requests are predictions.</summary>
    public Task<WebApplication> Start() =>
        TestServer.Start(Register, app => app.Use(app.Services.GetRequiredService<PredictEndpoint>().Invoke));

    /// <summary>Starts a server that forwards every request to the pods of a gate.</summary>
    public Task<WebApplication> StartForwarding(DeploymentGate gate) =>
        TestServer.Start(
            services =>
            {
                Register(services);
                services.AddHostedService(s => s.GetRequiredService<PodProber>());
            },
            app => app.Run(context => app.Services.GetRequiredService<PodForwarder>().Forward(context, gate, gate.Current!))
        );

    private RouteTable CreateRouteTable() => new(FetchRoute, Traffic, TimeProvider.System);

    private void Register(IServiceCollection services) =>
        services
            .AddHttpForwarder()
            .AddCors()
            .AddMetrics()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Options.Create(new GatewayOptions()))
            .AddSingleton(Options.Create(new AsyncCallOptions()))
            .AddSingleton(Options.Create(new CallbackOptions()))
            .AddSingleton(Keys)
            .AddSingleton(Hasher)
            .AddSingleton(NoGrains)
            .AddSingleton(Absent.Create<ICallAcceptor>())
            .AddSingleton(Absent.Create<IAsyncCallStore>())
            .AddSingleton(Absent.Create<IBodyStore>())
            .AddSingleton(new CallIdIssuer(new byte[32]))
            .AddSingleton<GrainRetry>()
            .AddSingleton<TestCredential>()
            .AddSingleton(_ => CreateRouteTable())
            .AddSingleton(CreateUsageTracker(TimeProvider.System))
            .AddSingleton<PodClient>()
            .AddSingleton<PodProber>()
            .AddSingleton<ForwardedHeaders>()
            .AddSingleton<GatewayMetrics>()
            .AddSingleton<PodForwarder>()
            .AddSingleton<KeyAuthorizer>()
            .AddSingleton<Cors>()
            .AddSingleton<BodyReader>()
            .AddSingleton<CallbackAddressPolicy>()
            .AddSingleton<CallbackUrlParser>()
            .AddSingleton<CallbackHeader>()
            .AddSingleton<AcceptEndpoint>()
            .AddSingleton<PredictEndpoint>();

    private sealed class NoKeys : IKeyStore
    {
        public Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<KeySummary?> Find(string hash, CancellationToken cancellationToken) => Task.FromResult<KeySummary?>(null);
    }

#pragma warning disable CA1852 // DispatchProxy derives a class at run time.
    /// <summary>Implements an interface that the test must not use.</summary>
    public class Absent : DispatchProxy
#pragma warning restore CA1852
    {
        public static T Create<T>()
            where T : class => Create<T, Absent>();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            throw new NotSupportedException($"{targetMethod?.DeclaringType?.Name}.{targetMethod?.Name} is not available in this test.");
    }
}
