using System.Collections.Concurrent;
using System.Reflection;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>What a page of deployments costs, counted: one look at the catalog, and one call for each deployment only where the catalog does not know it.</summary>
[Collection(SiloCollection.Name)]
public sealed class PageTests : IAsyncLifetime
{
    private const int Count = 50;
    private static readonly string[] Names = [.. Enumerable.Range(0, Count).Select(n => $"d{n:00}")];

    private readonly TestSilos silos = new() { Silos = 1 };
    private readonly ConcurrentDictionary<string, int> looks = new();
    private readonly ConcurrentQueue<string> grains = new();
    private ProductFrontend frontend = null!;
    private HttpClient http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await silos.Start();
        foreach (var name in Names)
            (
                await silos.Deployment(name).Create(new(null, ScriptedImageCatalog.Plain, new() { Pods = "0-1" }), "anna", Token)
            ).Errors.ShouldBeEmpty();
        foreach (var name in Names.Take(3))
            (
                await silos
                    .Grains.GetGrain<IKeyGrain>(silos.Hasher.Hash($"dck_{name}"))
                    .Create(new(DeploymentName.Parse(name), "ci", "dck_", null), "anna", Token)
            ).Errors.ShouldBeEmpty();
        frontend = await ProductFrontend.Start(
            silos.Cluster.Silos[0].ServiceProvider,
            services =>
            {
                services.AddSingleton(CountedGrains.Of(silos.Grains, grains.Enqueue));
                services.AddSingleton<IDeploymentStore>(new CountedDeployments(silos.Service<IDeploymentStore>(), Note));
                services.AddSingleton<IKeyStore>(new CountedKeys(silos.Service<IKeyStore>(), Note));
            }
        );
        http = new() { BaseAddress = frontend.Address };
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await frontend.DisposeAsync();
        await silos.DisposeAsync();
    }

    [Fact]
    public async Task What_the_catalog_knows_wakes_nobody()
    {
        var (nodes, calls) = await Page("name title status image createdAt updatedAt url id");

        nodes.Count.ShouldBe(Count);
        calls.ShouldBeEmpty();
        looks.ShouldBe(new Dictionary<string, int> { ["page"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task What_only_a_deployment_knows_is_asked_of_each_once_however_many_fields_want_it()
    {
        var (nodes, calls) = await Page(
            "name createdBy configuration { pods } revision { number } desiredPods scaling { reason } pods { name } failure { message } keys { name }"
        );

        nodes.Select(node => node.GetProperty("keys").GetArrayLength()).ShouldBe(Names.Select((_, i) => i < 3 ? 1 : 0));
        calls.ShouldBe(Enumerable.Repeat(nameof(IDeploymentGrain), Count));
        looks.ShouldBe(new Dictionary<string, int> { ["page"] = 1, ["keys"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task The_total_is_counted_only_where_it_is_asked_for()
    {
        await Page("name", "totalCount");

        looks.ShouldBe(new Dictionary<string, int> { ["page"] = 1, ["total"] = 1 }, ignoreOrder: true);
    }

    private void Note(string look) => looks.AddOrUpdate(look, 1, (_, before) => before + 1);

    private async Task<(List<System.Text.Json.JsonElement> Nodes, List<string> Calls)> Page(string fields, string more = "")
    {
        using var response = await http.PostAsync(
            "/graphql",
            Json.Body(new { query = $"{{ deployments(first: {Count}) {{ {more} nodes {{ {fields} }} }} }}" }),
            Token
        );
        var answer = await JsonAnswer.Read(response);
        answer.HasErrors.ShouldBeFalse(answer.Root.ToString());
        return ([.. answer.Data.GetProperty("deployments").GetProperty("nodes").EnumerateArray()], [.. grains]);
    }

    /// <summary>Notes each grain that somebody means to call.</summary>
    public class CountedGrains : DispatchProxy
    {
        private IGrainFactory factory = null!;
        private Action<string> note = null!;

        public static IGrainFactory Of(IGrainFactory factory, Action<string> note)
        {
            var counted = Create<IGrainFactory, CountedGrains>();
            ((CountedGrains)counted).factory = factory;
            ((CountedGrains)counted).note = note;
            return counted;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            note(targetMethod!.GetGenericArguments()[0].Name);
            return targetMethod.Invoke(factory, args);
        }
    }

    private sealed class CountedDeployments(IDeploymentStore store, Action<string> note) : IDeploymentStore
    {
        public Task<Grains.Storage.Page<DeploymentSummary>> List(
            DeploymentFilter filter,
            DeploymentOrder order,
            Grains.Storage.PageRequest page,
            CancellationToken cancellationToken
        )
        {
            note("page");
            return store.List(filter, order, page, cancellationToken);
        }

        public Task<int> Count(DeploymentFilter filter, CancellationToken cancellationToken)
        {
            note("total");
            return store.Count(filter, cancellationToken);
        }

        public Task<IReadOnlyList<DeploymentName>> ListActive(DeploymentName? after, int limit, CancellationToken cancellationToken) =>
            store.ListActive(after, limit, cancellationToken);
    }

    private sealed class CountedKeys(IKeyStore store, Action<string> note) : IKeyStore
    {
        public Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken)
        {
            note("keys");
            return store.List(deployments, cancellationToken);
        }

        public Task<KeySummary?> Find(string hash, CancellationToken cancellationToken)
        {
            note("key");
            return store.Find(hash, cancellationToken);
        }
    }
}
