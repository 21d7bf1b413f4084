using System.Collections.Concurrent;
using System.Reflection;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>
/// Counts the cost of a page of deployments: one catalog query, plus one grain call per deployment only for fields that are not in the
/// catalog.
/// </summary>
[Collection(SiloCollection.Name)]
public sealed class PageTests : IAsyncLifetime
{
    private const int Count = 50;
    private static readonly string[] Names = [.. Enumerable.Range(0, Count).Select(n => $"d{n:00}")];

    private readonly TestSilos silos = new() { SiloCount = 1 };
    private readonly ConcurrentDictionary<string, int> queries = new();
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
                services.AddSingleton(CountedGrains.Wrap(silos.Grains, grains.Enqueue));
                services.AddSingleton<IDeploymentStore>(new CountedDeployments(silos.Service<IDeploymentStore>(), Record));
                services.AddSingleton<IKeyStore>(new CountedKeys(silos.Service<IKeyStore>(), Record));
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
    public async Task Catalog_fields_activate_no_grain()
    {
        var (nodes, calls) = await Page("name title status image createdAt updatedAt url id");

        nodes.Count.ShouldBe(Count);
        calls.ShouldBeEmpty();
        queries.ShouldBe(new Dictionary<string, int> { ["page"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Deployment_fields_cost_one_grain_call_per_deployment()
    {
        var (nodes, calls) = await Page(
            "name createdBy configuration { pods } revision { number } desiredPods scaling { reason } "
                + "pods { name } failure { message } keys { name }"
        );

        nodes.Select(node => node.GetProperty("keys").GetArrayLength()).ShouldBe(Names.Select((_, i) => i < 3 ? 1 : 0));
        calls.ShouldBe(Enumerable.Repeat(nameof(IDeploymentGrain), Count));
        queries.ShouldBe(new Dictionary<string, int> { ["page"] = 1, ["keys"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Total_is_counted_only_on_request()
    {
        await Page("name", "totalCount");

        queries.ShouldBe(new Dictionary<string, int> { ["page"] = 1, ["total"] = 1 }, ignoreOrder: true);
    }

    private void Record(string query) => queries.AddOrUpdate(query, 1, (_, before) => before + 1);

    private async Task<(List<System.Text.Json.JsonElement> Nodes, List<string> Calls)> Page(string fields, string more = "")
    {
        using var response = await http.PostAsync(
            "/graphql",
            Json.Body(new { query = $"{{ deployments(first: {Count}) {{ {more} nodes {{ {fields} }} }} }}" }),
            Token
        );
        var result = await JsonResponse.Read(response);
        result.HasErrors.ShouldBeFalse(result.Root.ToString());
        return ([.. result.Data.GetProperty("deployments").GetProperty("nodes").EnumerateArray()], [.. grains]);
    }

    /// <summary>Records each grain that a resolver requests.</summary>
    public class CountedGrains : DispatchProxy
    {
        private IGrainFactory factory = null!;
        private Action<string> count = null!;

        public static IGrainFactory Wrap(IGrainFactory factory, Action<string> count)
        {
            var counted = Create<IGrainFactory, CountedGrains>();
            ((CountedGrains)counted).factory = factory;
            ((CountedGrains)counted).count = count;
            return counted;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            count(targetMethod!.GetGenericArguments()[0].Name);
            return targetMethod.Invoke(factory, args);
        }
    }

    private sealed class CountedDeployments(IDeploymentStore store, Action<string> count) : IDeploymentStore
    {
        public Task<Contracts.Storage.Page<DeploymentSummary>> List(
            DeploymentFilter filter,
            DeploymentOrder order,
            Contracts.Storage.PageRequest page,
            CancellationToken cancellationToken
        )
        {
            count("page");
            return store.List(filter, order, page, cancellationToken);
        }

        public Task<int> Count(DeploymentFilter filter, CancellationToken cancellationToken)
        {
            count("total");
            return store.Count(filter, cancellationToken);
        }

        public Task<IReadOnlyList<DeploymentName>> ListActive(DeploymentName? after, int limit, CancellationToken cancellationToken) =>
            store.ListActive(after, limit, cancellationToken);
    }

    private sealed class CountedKeys(IKeyStore store, Action<string> count) : IKeyStore
    {
        public Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken)
        {
            count("keys");
            return store.List(deployments, cancellationToken);
        }

        public Task<KeySummary?> Find(string hash, CancellationToken cancellationToken)
        {
            count("key");
            return store.Find(hash, cancellationToken);
        }
    }
}
