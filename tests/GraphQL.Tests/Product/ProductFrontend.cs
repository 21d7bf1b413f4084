using System.Net.WebSockets;
using DeployCard.Client.AsyncCalls;
using DeployCard.Client.Cluster;
using DeployCard.Client.Deployments;
using DeployCard.Client.Live;
using DeployCard.Client.Logs;
using DeployCard.Contracts.Access;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Runtimes;
using DeployCard.GraphQL.ApiTests;
using DeployCard.GraphQL.Engine.Execution;
using DeployCard.GraphQL.Engine.Hosting;
using DeployCard.GraphQL.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>The product's schema on a real server with the services of a silo; requires no token.</summary>
internal sealed class ProductFrontend : IAsyncDisposable
{
    private readonly WebApplication app;

    private ProductFrontend(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    public int OpenSubscriptions => app.Services.GetRequiredService<SubscriptionLimiter>().Count;

    /// <summary>Starts a frontend; <paramref name="change"/> can replace services of the silo.</summary>
    public static async Task<ProductFrontend> Start(IServiceProvider silo, Action<IServiceCollection>? change = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ICallerAuthenticator>(new TestAuthenticator(open: true));
        Forward<IGrainFactory>();
        Forward<IDeploymentStore>();
        Forward<IKeyStore>();
        Forward<KeyHasher>();
        Forward<IAsyncCallStore>();
        Forward<GrainRetry>();
        Forward<ResumableStream>();
        Forward<LogFollower>();
        Forward<CallSubscriptions>();
        Forward<FleetSubscription>();
        Forward<IImageCatalog>();
        builder.Services.AddSingleton<ITestSender>(_ => throw new InvalidOperationException("No test request is sent."));
        change?.Invoke(builder.Services);
        builder.Services.AddDeployCardGraphQL();
        var app = builder.Build();
        app.MapDeployCardGraphQL("/graphql");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app);

        void Forward<T>()
            where T : class => builder.Services.AddSingleton(_ => silo.GetRequiredService<T>());
    }

    public async Task<TestSocket> ConnectAndInitialize()
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("graphql-transport-ws");
        await socket.ConnectAsync(new UriBuilder(Address) { Scheme = "ws", Path = "/graphql" }.Uri, TestContext.Current.CancellationToken);
        var greeted = new TestSocket(socket);
        await greeted.Send(new { type = "connection_init" });
        (await greeted.Receive()).Type.ShouldBe("connection_ack");
        return greeted;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
