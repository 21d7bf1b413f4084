using System.Net;
using System.Net.Http.Json;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Common.Load;

/// <summary>
/// A client that waits for every response. Benchmarks use it to send an exact number of requests, or one request at a time. wrk is
/// unsuitable for that because it aborts the requests that are in flight when its run ends.
/// </summary>
internal sealed class CallClient : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly byte[] body;
    private readonly Uri url;
    private readonly Uri calls;

    public CallClient(Target target, string path, int bodyBytes = 1024)
    {
        url = new(target.GetUrl(path));
        calls = new(url, "/calls/");
        body = Enumerable.Repeat((byte)' ', bodyBytes).ToArray();
        (body[0], body[^1]) = ((byte)'{', (byte)'}');
        http.DefaultRequestHeaders.Add(Target.KeyHeader, target.Key);
        foreach (var header in target.Headers)
            http.DefaultRequestHeaders.Add(header.Split(": ")[0], header.Split(": ")[1]);
    }

    /// <summary>Sends a request, waits for the whole response and returns its status.</summary>
    public async Task<HttpStatusCode> Send(CancellationToken cancellationToken)
    {
        using var response = await Post(cancellationToken);
        return response.StatusCode;
    }

    /// <summary>Submits an asynchronous call and returns its id. Throws if the response is not 202.</summary>
    public async Task<string> Submit(CancellationToken cancellationToken)
    {
        using var response = await Post(cancellationToken);
        if (response.StatusCode is not HttpStatusCode.Accepted)
            throw new InvalidOperationException(
                $"{url} must respond with 202; got {(int)response.StatusCode}: "
                    + await response.Content.ReadAsStringAsync(cancellationToken)
            );
        return (await response.Content.ReadFromJsonAsync<Accepted>(cancellationToken))!.Id;
    }

    /// <summary>Polls a call without a delay until it has ended.</summary>
    public async Task<EndedCall> WaitForEnd(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var call = (await http.GetFromJsonAsync<EndedCall>(new Uri(calls, id), cancellationToken))!;
            if (call.Status != "QUEUED")
                return call;
        }
    }

    /// <summary>
    /// Submits <paramref name="count"/> asynchronous calls over <paramref name="connections"/> concurrent connections. Returns the number
    /// of calls that were not accepted.
    /// </summary>
    public async Task<int> SubmitAll(int count, int connections, CancellationToken cancellationToken)
    {
        var (remaining, rejected) = (count, 0);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(Work, cancellationToken)));
        return rejected;

        async Task Work()
        {
            while (Interlocked.Decrement(ref remaining) >= 0)
            {
                if (await Send(cancellationToken) is not HttpStatusCode.Accepted)
                    Interlocked.Increment(ref rejected);
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

/// <summary>The part of a <c>GET /calls/{id}</c> response that the benchmarks read.</summary>
internal sealed record EndedCall(string Status, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);
