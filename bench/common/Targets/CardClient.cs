using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DeployCard.Bench.Common.Targets;

/// <summary>A client of the GraphQL API of a silo, with the operations that the benchmarks need.</summary>
internal sealed class CardClient : IDisposable
{
    /// <summary>Queue length of the deployments, large enough that no benchmark fills the queue and gets calls rejected.</summary>
    private const int MaxQueuedCalls = 10_000_000;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient http;

    public CardClient(string origin, string token)
    {
        http = new() { BaseAddress = new(origin) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Creates a deployment of the benchmark image and a key for it. Returns the key.</summary>
    public async Task<string> Deploy(string name, string pods, CancellationToken cancellationToken)
    {
        await Mutate(
            "mutation($i: CreateDeploymentInput!) { createDeployment(input: $i) { errors { message } } }",
            new
            {
                name,
                image = SiloServer.Image,
                configuration = new { pods, asyncQueueLength = MaxQueuedCalls },
            },
            cancellationToken
        );
        var created = await Mutate(
            "mutation($i: CreateKeyInput!) { createKey(input: $i) { secret errors { message } } }",
            new { deployment = name, name = "bench" },
            cancellationToken
        );
        return (string)created["secret"]!;
    }

    /// <summary>
    /// Changes an environment variable, which creates a revision and replaces all pods. Returns the number of the revision.
    /// </summary>
    public async Task<int> Update(string name, string value, CancellationToken cancellationToken)
    {
        var changed = await Mutate(
            "mutation($i: UpdateDeploymentInput!) { updateDeployment(input: $i) { "
                + "deployment { revision { number } } errors { message } } }",
            new { name, configuration = new { environment = new[] { new { name = "BENCH_UPDATE", value } } } },
            cancellationToken
        );
        return (int)changed["deployment"]!["revision"]!["number"]!;
    }

    /// <summary>Stops a deployment, waits until its pods have ended and deletes it.</summary>
    public async Task Delete(string name, CancellationToken cancellationToken)
    {
        await Execute("mutation($n: String!) { stopDeployment(name: $n) { errors { message } } }", new { n = name }, cancellationToken);
        await WaitForPods(name, pods => pods.All(p => p.HasEnded), cancellationToken);
        await Execute("mutation($n: String!) { deleteDeployment(name: $n) { errors { message } } }", new { n = name }, cancellationToken);
    }

    /// <summary>Returns the pods of a deployment.</summary>
    public async Task<IReadOnlyList<PodView>> GetPods(string name, CancellationToken cancellationToken)
    {
        var data = await Execute(
            "query($n: String!) { deployment(name: $n) { pods { name phase revision createdAt readyAt } } }",
            new { n = name },
            cancellationToken
        );
        return data["deployment"]!["pods"].Deserialize<PodView[]>(JsonSerializerOptions.Web)!;
    }

    /// <summary>Polls the pods of a deployment until they satisfy a predicate, for at most 60 s.</summary>
    public async Task WaitForPods(string name, Func<IReadOnlyList<PodView>, bool> condition, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(WaitTimeout);
        while (!condition(await GetPods(name, timeout.Token)))
            await Task.Delay(PollInterval, TimeProvider.System, timeout.Token);
    }

    /// <summary>Executes an operation and returns its <c>data</c>. Throws if the response contains errors.</summary>
    public async Task<JsonNode> Execute(string query, object variables, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("/graphql", new { query, variables }, cancellationToken);
        var result = (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!;
        return result["errors"] is null
            ? result["data"]!
            : throw new InvalidOperationException($"The silo returned errors: {result.ToJsonString()}");
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonNode> Mutate(string mutation, object input, CancellationToken cancellationToken)
    {
        var payload = (await Execute(mutation, new { i = input }, cancellationToken)).AsObject().Single().Value!;
        return payload["errors"]!.AsArray().Count == 0
            ? payload
            : throw new InvalidOperationException($"The silo returned errors: {payload.ToJsonString()}");
    }
}
