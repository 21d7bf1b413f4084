using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// Client of a silo: uses the GraphQL API with the administrator token, as the card does, and the gateway with an API key, as a program
/// does.
/// </summary>
internal sealed class Card(SiloProcess silo) : IDisposable
{
    private readonly ConcurrentQueue<string> deployed = new();
    private readonly HttpClient http = new(silo.CreateHandler())
    {
        BaseAddress = new Uri(silo.Origin),
        Timeout = TimeSpan.FromSeconds(100),
    };

    public SiloProcess Silo => silo;

    public HttpClient Http => http;

    /// <summary>Runs a GraphQL operation that must succeed and returns its data.</summary>
    public async Task<JsonNode> Query(string query, object? variables = null, CancellationToken cancellationToken = default)
    {
        var (status, response) = await Execute(query, variables, silo.Token, cancellationToken);
        status.ShouldBe(HttpStatusCode.OK, response.ToJsonString());
        response["errors"].ShouldBeNull(response.ToJsonString());
        return response["data"]!;
    }

    /// <summary>Sends a GraphQL operation and returns the status and the whole response.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Response)> Execute(
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

    /// <summary>Creates a deployment and a key for it. Returns the secret text of the key.</summary>
    public async Task<string> Deploy(string name, string image, object? configuration = null)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var created = await Query(
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
        created["createDeployment"]!["errors"]!.AsArray().ShouldBeEmpty(created.ToJsonString());
        deployed.Enqueue(name);
        return (await CreateKey(name, cancellationToken)).Secret;
    }

    /// <summary>Deletes all deployments that this client created; deployments that a test has already deleted are unaffected.</summary>
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

    /// <summary>Sends a request to the gateway and returns the response as soon as its headers have arrived.</summary>
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

    /// <summary>Makes an asynchronous call that must be accepted. Returns the call's id.</summary>
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

    /// <summary>Waits until a call has the given status and returns the call.</summary>
    public Task<JsonNode> WaitForCall(string status, string id, string key, CancellationToken cancellationToken) =>
        Eventually.Get(
            async () =>
            {
                using var response = await Send(HttpMethod.Get, $"/calls/{id}", key, cancellationToken: cancellationToken);
                return (await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!;
            },
            call => (string?)call["status"] == status,
            cancellationToken
        );

    /// <summary>Waits until a deployment has the given status and returns the deployment.</summary>
    public Task<JsonNode> WaitForDeployment(string status, string name, CancellationToken cancellationToken) =>
        Eventually.Get(
            async () =>
                (
                    await Query(
                        "query($n: String!) { deployment(name: $n) { status pods { name phase restarts reason exitCode revision } "
                            + "failure { reason message exitCode lastLines } } }",
                        new { n = name },
                        cancellationToken
                    )
                )["deployment"]!,
            deployment => (string?)deployment["status"] == status,
            cancellationToken
        );

    /// <summary>Checks the status and the format of a problem response of the gateway and returns its error code.</summary>
    public static async Task<string> ReadProblem(HttpResponseMessage response, HttpStatusCode status, CancellationToken cancellationToken)
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
