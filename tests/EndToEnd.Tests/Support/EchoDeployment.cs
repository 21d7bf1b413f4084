using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// A deployment of the image <c>echo</c> with one ready pod. What the pod has seen is asked of the pod itself, past the gateway: a test of the
/// gateway must not need a free place in it to look.
/// </summary>
internal sealed record EchoDeployment(Card Card, string Name, string Key, int Process, int Port)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<EchoDeployment> Start(TestSilo silo, object configuration)
    {
        var (card, name) = (silo.Card, silo.NewName("echo"));
        var key = await card.Deploy(name, "echo", configuration);
        // With a queue of no length the first requests are refused until the pod is ready.
        var self = await Eventually.Get(
            async () =>
            {
                using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/self", key, cancellationToken: Cancellation);
                return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation) : null;
            },
            answer => answer is not null,
            Cancellation
        );
        return new(card, name, key, (int)self!["process"]!, (int)self["port"]!);
    }

    /// <summary>Where the gateway has a path of the pod.</summary>
    public string At(string path) => $"/predict/{Name}{path}";

    public Task<HttpResponseMessage> Send(
        HttpMethod method,
        string path,
        HttpContent? body = null,
        params (string Name, string Value)[] headers
    ) => Card.Send(method, At(path), Key, body, Cancellation, headers);

    /// <summary>What the pod echoes of a request.</summary>
    public static async Task<JsonNode> Answer(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
    }

    /// <summary>A connection to the gateway for a test that writes its bytes itself.</summary>
    public Task<RawConnection> Open() => RawConnection.Open(Card.Silo.Port, Cancellation);

    /// <summary>The request line and the fields that every request needs, without the line that ends them.</summary>
    public string Head(string method, string path) => $"{method} {At(path)} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {Key}\r\n";

    /// <summary>A path at which the pod answers with just these bytes.</summary>
    public static string Raw(string answer) => $"/raw?text={Uri.EscapeDataString(answer)}";

    /// <summary>What the pod has seen of the requests to a path.</summary>
    public async Task<Seen> Seen(string path)
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync<Seen>(new Uri($"http://127.0.0.1:{Port}/ledger{path}"), Cancellation))!;
    }

    public Task<Seen> SeenWhen(string path, Func<Seen, bool> holds) => Eventually.Get(() => Seen(path), holds, Cancellation);

    /// <summary>Has the pod send the next event or piece.</summary>
    public async Task Tick()
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri($"http://127.0.0.1:{Port}/tick"), null, Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    public Task Kill() => Signals.Send("KILL", Process, Cancellation);
}

/// <summary>The requests to one path of a pod: how many began, ended as they should and were broken off, and how many bytes of bodies they brought.</summary>
internal sealed record Seen(int Began, int Completed, int Aborted, long Received);
