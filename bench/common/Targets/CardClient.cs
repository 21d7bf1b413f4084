using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DeployCard.Bench.Common.Targets;

/// <summary>What a person does with a silo over GraphQL.</summary>
internal sealed class CardClient : IDisposable
{
    /// <summary>The most that a queue may hold: what is measured is how fast calls are accepted, and not how they are refused.</summary>
    private const int MostCalls = 10_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient http;

    public CardClient(string origin, string token)
    {
        http = new() { BaseAddress = new(origin) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Makes a deployment of the benchmarks' image. Returns a key for it.</summary>
    public async Task<string> Deploy(string name, string pods, CancellationToken cancellationToken)
    {
        await Change(
            "mutation($i: CreateDeploymentInput!) { createDeployment(input: $i) { errors { message } } }",
            new
            {
                name,
                image = SiloServer.Image,
                configuration = new { pods, asyncQueueLength = MostCalls },
            },
            cancellationToken
        );
        var made = await Change(
            "mutation($i: CreateKeyInput!) { createKey(input: $i) { secret errors { message } } }",
            new { deployment = name, name = "bench" },
            cancellationToken
        );
        return (string)made["secret"]!;
    }

    /// <summary>Changes an environment variable: a new revision, all pods anew. Returns its number.</summary>
    public async Task<int> Update(string name, string value, CancellationToken cancellationToken)
    {
        var changed = await Change(
            "mutation($i: UpdateDeploymentInput!) { updateDeployment(input: $i) { deployment { revision { number } } errors { message } } }",
            new { name, configuration = new { environment = new[] { new { name = "BENCH_UPDATE", value } } } },
            cancellationToken
        );
        return (int)changed["deployment"]!["revision"]!["number"]!;
    }

    /// <summary>Deletes a deployment once its pods are gone.</summary>
    public async Task Delete(string name, CancellationToken cancellationToken)
    {
        await Ask("mutation($n: String!) { stopDeployment(name: $n) { errors { message } } }", new { n = name }, cancellationToken);
        await WaitForPods(name, pods => pods.All(p => p.HasEnded), cancellationToken);
        await Ask("mutation($n: String!) { deleteDeployment(name: $n) { errors { message } } }", new { n = name }, cancellationToken);
    }

    public async Task<IReadOnlyList<PodView>> Pods(string name, CancellationToken cancellationToken)
    {
        var data = await Ask(
            "query($n: String!) { deployment(name: $n) { pods { name phase revision createdAt readyAt } } }",
            new { n = name },
            cancellationToken
        );
        return data["deployment"]!["pods"].Deserialize<PodView[]>(JsonSerializerOptions.Web)!;
    }

    /// <summary>Waits until the pods of a deployment are as wanted.</summary>
    public async Task WaitForPods(string name, Func<IReadOnlyList<PodView>, bool> areSo, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Patience);
        while (!areSo(await Pods(name, late.Token)))
            await Task.Delay(Pause, TimeProvider.System, late.Token);
    }

    /// <summary>What a query answers.</summary>
    public async Task<JsonNode> Ask(string query, object variables, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("/graphql", new { query, variables }, cancellationToken);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!;
        return answer["errors"] is null
            ? answer["data"]!
            : throw new InvalidOperationException($"The silo refused: {answer.ToJsonString()}");
    }

    public void Dispose() => http.Dispose();

    private async Task<JsonNode> Change(string mutation, object input, CancellationToken cancellationToken)
    {
        var payload = (await Ask(mutation, new { i = input }, cancellationToken)).AsObject().Single().Value!;
        return payload["errors"]!.AsArray().Count == 0
            ? payload
            : throw new InvalidOperationException($"The silo refused: {payload.ToJsonString()}");
    }
}
