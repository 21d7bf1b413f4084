using System.Collections.Concurrent;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>What clients were told of their calls, by token.</summary>
internal sealed class CallRegister : IDisposable
{
    private readonly ConcurrentDictionary<string, string> accepted = new();
    private readonly ConcurrentDictionary<string, string> refused = new();
    private readonly ConcurrentDictionary<string, byte> unanswered = new();
    private readonly SemaphoreSlim requests = new(0);
    private readonly SemaphoreSlim acceptances = new(0);
    private readonly SemaphoreSlim refusals = new(0);
    private int refusalCount;

    /// <summary>The ids of those that got a 202.</summary>
    public IReadOnlyDictionary<string, string> Accepted => accepted;

    /// <summary>Codes of the answers to those that were refused and not accepted later.</summary>
    public IReadOnlyDictionary<string, string> Refused => refused.Where(call => !accepted.ContainsKey(call.Key)).ToDictionary();

    /// <summary>Those of which a client does not know whether they were accepted.</summary>
    public IReadOnlyCollection<string> Unanswered => [.. unanswered.Keys.Where(token => !accepted.ContainsKey(token))];

    /// <summary>How many answers were refusals.</summary>
    public int Refusals => Volatile.Read(ref refusalCount);

    /// <summary>What must not be: an answer that contradicts an earlier one.</summary>
    public ConcurrentQueue<string> Contradictions { get; } = new();

    /// <summary>A client is about to send a request.</summary>
    public void Begin() => requests.Release();

    public void Accept(string token, string id)
    {
        if (accepted.GetOrAdd(token, id) is var first && first != id)
            Contradictions.Enqueue($"{token} was accepted as {first} and as {id}");
        acceptances.Release();
    }

    public void Refuse(string token, string code)
    {
        refused[token] = code;
        Interlocked.Increment(ref refusalCount);
        refusals.Release();
    }

    public void MissAnswer(string token) => unanswered[token] = 0;

    /// <summary>Waits for so many more requests to begin.</summary>
    public Task MoreRequests(int count, CancellationToken cancellationToken) => Count(requests, count, cancellationToken);

    /// <summary>Waits for so many more 202.</summary>
    public Task MoreAcceptances(int count, CancellationToken cancellationToken) => Count(acceptances, count, cancellationToken);

    /// <summary>Waits for so many more refusals.</summary>
    public Task MoreRefusals(int count, CancellationToken cancellationToken) => Count(refusals, count, cancellationToken);

    public void Dispose()
    {
        requests.Dispose();
        acceptances.Dispose();
        refusals.Dispose();
    }

    private async Task Count(SemaphoreSlim events, int count, CancellationToken cancellationToken)
    {
        // What came before is not waited for any more.
        while (await events.WaitAsync(TimeSpan.Zero, cancellationToken)) { }

        for (var i = 0; i < count; i++)
        {
            if (!await events.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken))
                throw new TimeoutException(
                    $"Only {i} of {count} came within a minute of the one before. {string.Join('\n', Contradictions)}"
                );
        }
    }
}
