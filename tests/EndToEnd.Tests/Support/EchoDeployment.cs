using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// A deployment of the image <c>echo</c> with one ready pod. Tests read the requests that the pod received from the pod directly, so that
/// reading them does not use capacity of the gateway under test.
/// </summary>
internal sealed record EchoDeployment(Card Card, string Name, string Key, int Process, int Port)
{
    /// <summary>Name of the image.</summary>
    public const string Image = "echo";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Creates a deployment and waits until its pod responds.</summary>
    public static async Task<EchoDeployment> Start(SiloFixture silo, object configuration)
    {
        var name = silo.NewName(Image);
        return await Open(silo.Card, name, await silo.Card.Deploy(name, Image, configuration));
    }

    /// <summary>Waits until the pod of a deployment responds.</summary>
    public static async Task<EchoDeployment> Open(Card card, string name, string key)
    {
        // If the configuration sets the queue length to 0, the first requests are rejected until the pod is ready.
        var self = await Eventually.Get(
            async () =>
            {
                using var response = await card.Send(HttpMethod.Get, $"/predict/{name}/self", key, cancellationToken: Cancellation);
                return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation) : null;
            },
            response => response is not null,
            Cancellation
        );
        return new(card, name, key, (int)self!["process"]!, (int)self["port"]!);
    }

    /// <summary>Returns the path of the gateway that leads to a path of the pod.</summary>
    public string PathOf(string path) => $"/predict/{Name}{path}";

    public Task<HttpResponseMessage> Send(
        HttpMethod method,
        string path,
        HttpContent? body = null,
        params (string Name, string Value)[] headers
    ) => Card.Send(method, PathOf(path), Key, body, Cancellation, headers);

    /// <summary>Reads the description of the request that the pod returned. The status must be 200.</summary>
    public static async Task<JsonNode> ReadEcho(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
    }

    /// <summary>Opens a connection to the gateway for a test that writes the bytes of its requests itself.</summary>
    public Task<RawConnection> Open() => RawConnection.Open(Card.Silo.Port, Cancellation);

    /// <summary>Returns the request line and the required headers, without the empty line that ends the headers.</summary>
    public string RequestHead(string method, string path) => $"{method} {PathOf(path)} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {Key}\r\n";

    /// <summary>Returns a path at which the pod sends exactly the given text as its response.</summary>
    public static string RawResponsePath(string response) => $"/raw?text={Uri.EscapeDataString(response)}";

    /// <summary>Reads the pod's counts of the requests to a path.</summary>
    public async Task<RequestCounts> GetCounts(string path)
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync<RequestCounts>(new Uri($"http://127.0.0.1:{Port}/ledger{path}"), Cancellation))!;
    }

    public Task<RequestCounts> WaitForCounts(string path, Func<RequestCounts, bool> condition) =>
        Eventually.Get(() => GetCounts(path), condition, Cancellation);

    /// <summary>Makes the pod send the next event or chunk of its open streams.</summary>
    public async Task Tick()
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri($"http://127.0.0.1:{Port}/tick"), null, Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    public Task Kill() => Signals.Send("KILL", Process, Cancellation);
}

/// <summary>Counts of the requests to one path of a pod.</summary>
/// <param name="Began">Number of requests that reached the pod.</param>
/// <param name="Completed">Number of requests that completed.</param>
/// <param name="Aborted">Number of requests whose client disconnected before the end.</param>
/// <param name="Received">Number of body bytes received.</param>
internal sealed record RequestCounts(int Began, int Completed, int Aborted, long Received);
