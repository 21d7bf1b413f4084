using System.Net;
using System.Net.Http.Json;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Common.Load;

/// <summary>A client that counts each answer, for an exact number of calls or one at a time. The load generator wrk breaks its last ones off.</summary>
internal sealed class Caller : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly byte[] body;
    private readonly Uri url;
    private readonly Uri calls;

    public Caller(Target target, string path, int bodyBytes = 1024)
    {
        url = new(target.Url(path));
        calls = new(url, "/calls/");
        body = Enumerable.Repeat((byte)' ', bodyBytes).ToArray();
        (body[0], body[^1]) = ((byte)'{', (byte)'}');
        http.DefaultRequestHeaders.Add(Target.KeyHeader, target.Key);
        foreach (var header in target.Headers)
            http.DefaultRequestHeaders.Add(header.Split(": ")[0], header.Split(": ")[1]);
    }

    /// <summary>Sends one, and awaits its whole answer. Returns its status.</summary>
    public async Task<HttpStatusCode> Send(CancellationToken cancellationToken)
    {
        using var response = await Post(cancellationToken);
        return response.StatusCode;
    }

    /// <summary>Sends one that is to be accepted. Returns its id.</summary>
    public async Task<string> Accept(CancellationToken cancellationToken)
    {
        using var response = await Post(cancellationToken);
        if (response.StatusCode is not HttpStatusCode.Accepted)
            throw new InvalidOperationException(
                $"{url} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}"
            );
        return (await response.Content.ReadFromJsonAsync<Accepted>(cancellationToken))!.Id;
    }

    /// <summary>Asks for a call until it has ended, without a pause between.</summary>
    public async Task<Ended> WaitForEnd(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var call = (await http.GetFromJsonAsync<Ended>(new Uri(calls, id), cancellationToken))!;
            if (call.Status != "QUEUED")
                return call;
        }
    }

    /// <summary>Sends exactly so many that all are to be accepted, several at once. Returns how many were not.</summary>
    public async Task<int> AcceptAll(int count, int connections, CancellationToken cancellationToken)
    {
        var (left, refused) = (count, 0);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(Work, cancellationToken)));
        return refused;

        async Task Work()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                if (await Send(cancellationToken) is not HttpStatusCode.Accepted)
                    Interlocked.Increment(ref refused);
            }
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> Post(CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return await http.PostAsync(url, content, cancellationToken);
    }

    private sealed record Accepted(string Id);
}

/// <summary>A call as <c>GET /calls/{id}</c> tells it.</summary>
internal sealed record Ended(string Status, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);
