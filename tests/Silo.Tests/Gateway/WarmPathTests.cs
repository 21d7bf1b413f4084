using System.Net;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Routing;
using DeployCard.Silo.Access;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>A prediction whose route is known: there is no cluster and no storage here that it could ask.</summary>
public sealed class WarmPathTests : IAsyncLifetime
{
    private static readonly KeyHasher Hasher = new(new byte[32]);

    private readonly string key = KeyText.New(KeyText.KeyPrefix);
    private readonly HttpClient http = new();
    private readonly NoStorage storage = new();
    private WebApplication? pod;
    private WebApplication? gateway;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        pod = await TestServer.Start(_ => { }, app => app.Run(context => context.Response.WriteAsync("answer", Cancellation)));
        var cluster = new OneRoute();
        gateway = await TestServer.Start(
            services =>
                services
                    .AddHttpForwarder()
                    .AddCors()
                    .AddMetrics()
                    .AddSingleton(TimeProvider.System)
                    .AddSingleton(Options.Create(new GatewayOptions()))
                    .AddSingleton<IKeyStore>(storage)
                    .AddSingleton(Hasher)
                    .AddSingleton<TestCredential>()
                    .AddSingleton(_ => new RouteTable(name => cluster.Ask(name), new(TimeProvider.System), TimeProvider.System))
                    .AddSingleton(s => new KeyUses(
                        null!,
                        new(TimeProvider.System),
                        TimeProvider.System,
                        s.GetRequiredService<ILogger<KeyUses>>()
                    ))
                    .AddSingleton<PodClient>()
                    .AddSingleton<PodProber>()
                    .AddSingleton<ForwardedHeaders>()
                    .AddSingleton<GatewayMetrics>()
                    .AddSingleton<PodForwarder>()
                    .AddSingleton<KeyCheck>()
                    .AddSingleton<Cors>()
                    .AddSingleton(s => new PredictEndpoint(
                        s.GetRequiredService<RouteTable>(),
                        s.GetRequiredService<KeyCheck>(),
                        s.GetRequiredService<Cors>(),
                        null!,
                        s.GetRequiredService<PodForwarder>(),
                        s.GetRequiredService<GatewayMetrics>(),
                        s.GetRequiredService<ILogger<PredictEndpoint>>()
                    )),
            app => app.Use(app.Services.GetRequiredService<PredictEndpoint>().Invoke)
        );
        cluster.Route = Routes.Of(1).Opens(new KeyEntry("id", Hasher.Hash(key), null)) with
        {
            Pods = [Routes.Pod("a") with { Address = pod.Address() }],
        };
        Asked = () => cluster.Questions;
    }

    private Func<int> Asked { get; set; } = () => 0;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await gateway!.DisposeAsync();
        await pod!.DisposeAsync();
    }

    [Fact]
    public async Task The_cluster_is_asked_once_for_the_route_and_the_storage_never()
    {
        for (var n = 0; n < 100; n++)
        {
            using var response = await Send(key);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("answer");
        }

        Asked().ShouldBe(1);
        storage.Questions.ShouldBe(0);
    }

    [Fact]
    public async Task Only_a_well_formed_key_that_opens_nothing_is_looked_up()
    {
        using var mistyped = await Send(key[..^1]);
        mistyped.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        storage.Questions.ShouldBe(0);

        using var unknown = await Send(KeyText.New(KeyText.KeyPrefix));
        unknown.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        storage.Questions.ShouldBe(1);
    }

    private Task<HttpResponseMessage> Send(string text)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway!.Address(), "/predict/iris/v1"))
        {
            Content = new StringContent("{}"),
        };
        request.Headers.Add("X-API-Key", text);
        return http.SendAsync(request, Cancellation);
    }

    private sealed class OneRoute
    {
        private int questions;

        public Route? Route { get; set; }

        public int Questions => questions;

        public Task<Route> Ask(DeploymentName name)
        {
            Interlocked.Increment(ref questions);
            return Task.FromResult(Route! with { Deployment = name });
        }
    }

    private sealed class NoStorage : IKeyStore
    {
        public int Questions { get; private set; }

        public Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<KeySummary?> Find(string hash, CancellationToken cancellationToken)
        {
            Questions++;
            return Task.FromResult<KeySummary?>(null);
        }
    }
}
