using System.Collections.Concurrent;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>Records the responses that clients got to their calls, by the token of the call.</summary>
internal sealed class CallRegister : IDisposable
{
    private readonly ConcurrentDictionary<string, string> accepted = new();
    private readonly ConcurrentDictionary<string, string> rejected = new();
    private readonly ConcurrentDictionary<string, byte> withoutResponse = new();
    private readonly SemaphoreSlim requests = new(0);
    private readonly SemaphoreSlim acceptances = new(0);
    private readonly SemaphoreSlim rejections = new(0);
    private int rejectionCount;

    /// <summary>Ids of the calls that got a 202, by token.</summary>
    public IReadOnlyDictionary<string, string> Accepted => accepted;

    /// <summary>Error codes of the calls that were rejected and not accepted later, by token.</summary>
    public IReadOnlyDictionary<string, string> Rejected => rejected.Where(call => !accepted.ContainsKey(call.Key)).ToDictionary();

    /// <summary>Tokens of the calls that got no response, so that the client does not know whether they were accepted.</summary>
    public IReadOnlyCollection<string> WithoutResponse => [.. withoutResponse.Keys.Where(token => !accepted.ContainsKey(token))];

    /// <summary>Number of responses that were rejections.</summary>
    public int RejectionCount => Volatile.Read(ref rejectionCount);

    /// <summary>Descriptions of responses that contradict an earlier response or the expected response; must remain empty.</summary>
    public ConcurrentQueue<string> Contradictions { get; } = new();

    /// <summary>Records that a client is about to send a request.</summary>
    public void RecordRequest() => requests.Release();

    public void RecordAccepted(string token, string id)
    {
        if (accepted.GetOrAdd(token, id) is var first && first != id)
            Contradictions.Enqueue($"{token} was accepted as {first} and as {id}");
        acceptances.Release();
    }

    public void RecordRejected(string token, string code)
    {
        rejected[token] = code;
        Interlocked.Increment(ref rejectionCount);
        rejections.Release();
    }

    public void RecordNoResponse(string token) => withoutResponse[token] = 0;

    /// <summary>Waits until clients have sent the given number of further requests.</summary>
    public Task WaitForRequests(int count, CancellationToken cancellationToken) => WaitForEvents(requests, count, cancellationToken);

    /// <summary>Waits until clients have received the given number of further 202 responses.</summary>
    public Task WaitForAcceptances(int count, CancellationToken cancellationToken) => WaitForEvents(acceptances, count, cancellationToken);

    /// <summary>Waits until clients have received the given number of further rejections.</summary>
    public Task WaitForRejections(int count, CancellationToken cancellationToken) => WaitForEvents(rejections, count, cancellationToken);

    public void Dispose()
    {
        requests.Dispose();
        acceptances.Dispose();
        rejections.Dispose();
    }

    private async Task WaitForEvents(SemaphoreSlim events, int count, CancellationToken cancellationToken)
    {
        // Discards the events that occurred before this call.
        while (await events.WaitAsync(TimeSpan.Zero, cancellationToken)) { }

        for (var i = 0; i < count; i++)
        {
            if (!await events.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken))
                throw new TimeoutException(
                    $"Only {i} of {count} events occurred; the next one did not occur within a minute. {string.Join('\n', Contradictions)}"
                );
        }
    }
}
