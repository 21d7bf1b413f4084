using System.Net;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>Predictions with a known route. The tests run without a cluster and without storage.</summary>
public sealed class WarmPathTests : IAsyncLifetime
{
    private static readonly KeyHasher Hasher = new(new byte[32]);

    private readonly string key = KeyText.Create(KeyText.KeyPrefix);
    private readonly HttpClient http = new();
    private readonly NoStorage storage = new();
    private WebApplication? pod;
    private WebApplication? gateway;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        pod = await TestServer.Start(_ => { }, app => app.Run(context => context.Response.WriteAsync("answer", Cancellation)));
        var cluster = new OneRoute();
        gateway = await new TestGateway
        {
            FetchRoute = cluster.Fetch,
            Keys = storage,
            Hasher = Hasher,
        }.Start();
        cluster.Route = Routes.Create(1).WithKeys(new KeyEntry("id", Hasher.Hash(key), null)) with
        {
            Pods = [Routes.Pod("a") with { Address = pod.Address() }],
        };
        RouteFetches = () => cluster.Fetches;
    }

    private Func<int> RouteFetches { get; set; } = () => 0;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await gateway!.DisposeAsync();
        await pod!.DisposeAsync();
    }

    [Fact]
    public async Task Route_is_fetched_once_and_storage_is_never_read()
    {
        for (var n = 0; n < 100; n++)
        {
            using var response = await Send(key);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("answer");
        }

        RouteFetches().ShouldBe(1);
        storage.Lookups.ShouldBe(0);
    }

    [Fact]
    public async Task Only_a_well_formed_unknown_key_is_looked_up()
    {
        using var mistyped = await Send(key[..^1]);
        mistyped.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        storage.Lookups.ShouldBe(0);

        using var unknown = await Send(KeyText.Create(KeyText.KeyPrefix));
        unknown.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        storage.Lookups.ShouldBe(1);
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
        private int fetches;

        public Route? Route { get; set; }

        public int Fetches => fetches;

        public Task<Route> Fetch(DeploymentName name)
        {
            Interlocked.Increment(ref fetches);
            return Task.FromResult(Route! with { Deployment = name });
        }
    }

    private sealed class NoStorage : IKeyStore
    {
        public int Lookups { get; private set; }

        public Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<KeySummary?> Find(string hash, CancellationToken cancellationToken)
        {
            Lookups++;
            return Task.FromResult<KeySummary?>(null);
        }
    }
}
