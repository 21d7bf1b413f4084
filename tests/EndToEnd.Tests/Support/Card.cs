using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>What a person and a program do with a silo: GraphQL with the token, the gateway with a key.</summary>
internal sealed class Card(SiloProcess silo) : IDisposable
{
    private readonly ConcurrentQueue<string> deployed = new();
    private readonly HttpClient http = new(silo.Handler()) { BaseAddress = new Uri(silo.Origin), Timeout = TimeSpan.FromSeconds(100) };

    public SiloProcess Silo => silo;

    public HttpClient Http => http;

    /// <summary>The data of a GraphQL operation that must succeed.</summary>
    public async Task<JsonNode> Query(string query, object? variables = null, CancellationToken cancellationToken = default)
    {
        var (status, answer) = await Ask(query, variables, silo.Token, cancellationToken);
        status.ShouldBe(HttpStatusCode.OK, answer.ToJsonString());
        answer["errors"].ShouldBeNull(answer.ToJsonString());
        return answer["data"]!;
    }

    /// <summary>The whole answer to a GraphQL operation.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Answer)> Ask(
        string query,
        object? variables,
        string? token,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = JsonContent.Create(new { query, variables }) };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, cancellationToken);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!);
    }

    /// <summary>Makes a deployment and a key for it. Returns the key's text.</summary>
    public async Task<string> Deploy(string name, string image, object? configuration = null)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var made = await Query(
            "mutation($i: CreateDeploymentInput!) { createDeployment(input: $i) { deployment { name } errors { message } } }",
            new
            {
                i = new
                {
                    name,
                    image,
                    configuration,
                },
            },
            cancellationToken
        );
        made["createDeployment"]!["errors"]!.AsArray().ShouldBeEmpty(made.ToJsonString());
        deployed.Enqueue(name);
        return (await CreateKey(name, cancellationToken)).Secret;
    }

    /// <summary>Deletes all that it deployed; what a test has deleted itself stays so.</summary>
    public async Task DeleteDeployments()
    {
        foreach (var name in deployed)
            await Query("mutation($n: String!) { deleteDeployment(name: $n) { errors { code } } }", new { n = name });
    }

    public async Task<(string Id, string Secret)> CreateKey(
        string deployment,
        CancellationToken cancellationToken,
        DateTimeOffset? expiresAt = null
    )
    {
        var data = await Query(
            "mutation($i: CreateKeyInput!) { createKey(input: $i) { key { id } secret errors { message } } }",
            new
            {
                i = new
                {
                    deployment,
                    name = "test",
                    expiresAt,
                },
            },
            cancellationToken
        );
        return ((string)data["createKey"]!["key"]!["id"]!, (string)data["createKey"]!["secret"]!);
    }

    /// <summary>A request through the gateway.</summary>
    public async Task<HttpResponseMessage> Send(
        HttpMethod method,
        string path,
        string? key,
        HttpContent? body = null,
        CancellationToken cancellationToken = default,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(
            method,
            new Uri(silo.Origin + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })
        )
        {
            Content = body,
        };
        if (key is not null)
            request.Headers.Add("X-API-Key", key);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>Makes an asynchronous call. Returns its id.</summary>
    public async Task<string> Call(
        string path,
        string key,
        HttpContent body,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] headers
    )
    {
        using var response = await Send(HttpMethod.Post, path, key, body, cancellationToken, [("X-Async-Request", "true"), .. headers]);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(cancellationToken));
        var id = (string)(await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["id"]!;
        response.Headers.Location!.OriginalString.ShouldBe($"/calls/{id}");
        return id;
    }

    /// <summary>A call once it has the status.</summary>
    public Task<JsonNode> CallWith(string status, string id, string key, CancellationToken cancellationToken) =>
        Eventually.Get(
            async () =>
            {
                using var response = await Send(HttpMethod.Get, $"/calls/{id}", key, cancellationToken: cancellationToken);
                return (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!;
            },
            call => (string?)call["status"] == status,
            cancellationToken
        );

    /// <summary>A deployment once it has the status.</summary>
    public Task<JsonNode> DeploymentWith(string status, string name, CancellationToken cancellationToken) =>
        Eventually.Get(
            async () =>
                (
                    await Query(
                        "query($n: String!) { deployment(name: $n) { status pods { name phase restarts reason exitCode revision } failure { reason message exitCode lastLines } } }",
                        new { n = name },
                        cancellationToken
                    )
                )["deployment"]!,
            deployment => (string?)deployment["status"] == status,
            cancellationToken
        );

    /// <summary>The problem that an answer of the gateway tells; checks its form.</summary>
    public static async Task<string> Problem(HttpResponseMessage response, HttpStatusCode status, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonSerializer.Deserialize<JsonNode>(text)!;
        ((int)problem["status"]!).ShouldBe((int)status);
        ((string?)problem["requestId"]).ShouldNotBeNullOrEmpty();
        var code = (string)problem["code"]!;
        response.Headers.GetValues("X-DeployCard-Error").Single().ShouldBe(code);
        return code;
    }

    public void Dispose() => http.Dispose();
}
