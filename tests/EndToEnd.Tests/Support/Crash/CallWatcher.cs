using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>
/// Polls all accepted calls, and at random those that have ended, and checks that a final state never changes.
/// </summary>
internal sealed class CallWatcher : IAsyncDisposable
{
    // Each poll requests every unfinished call. Without a delay, polling would be most of the silos' load and would slow down their
    // recovery.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Maximum time until all calls have ended. It is below the two minutes after which a call that waits at a gateway is retried
    /// automatically, so that a call forgotten by its gateway is detected.
    /// </summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(100);

    private readonly ConcurrentDictionary<string, FinalCallState> ends = new();
    private readonly CancellationTokenSource stop = new();
    private readonly CrashRun run;
    private readonly Action ended;
    private readonly Random random;
    private readonly Task watching;

    public CallWatcher(CrashRun run, Action ended)
    {
        (this.run, this.ended, random) = (run, ended, new(run.Seed));
        watching = Watch();
    }

    /// <summary>The observed final states, by call id.</summary>
    public IReadOnlyDictionary<string, FinalCallState> Ends => ends;

    /// <summary>Waits until all accepted calls have ended.</summary>
    public async Task WaitForAllEnded()
    {
        try
        {
            await Eventually.Get(() => Task.FromResult(Open().Count), open => open == 0 || watching.IsFaulted, run.Cancellation, MaxWait);
        }
        catch (TimeoutException e)
        {
            var calls = await Task.WhenAll(Open().Take(5).Select(run.GetCall));
            throw new TimeoutException(
                $"{string.Join('\n', calls.Select(call => call.ToJsonString()))}\n"
                    + $"{string.Join('\n', run.Silos.Select(silo => silo.Output))}",
                e
            );
        }
    }

    private List<string> Open() => [.. run.Register.Accepted.Values.Where(id => !ends.ContainsKey(id))];

    public async Task End()
    {
        await stop.CancelAsync();
        await watching;
    }

    /// <summary>Compares the current state of a call with its first observed final state, or records it as that.</summary>
    public void Compare(string id, JsonNode call)
    {
        var now = FinalCallState.From(call);
        if (ends.TryGetValue(id, out var first))
        {
            if (first != now)
                run.Register.Contradictions.Enqueue($"{id} was final as {first} and then {call.ToJsonString()}");
        }
        else if (now is not null && ends.TryAdd(id, now))
        {
            ended();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task Watch()
    {
        while (!stop.IsCancellationRequested)
        {
            var ids = run.Register.Accepted.Values;
            foreach (var id in ids.Where(id => !ends.ContainsKey(id) || random.Next(20) == 0))
                await Poll(id);
            await Task.Delay(PollInterval, TimeProvider.System, run.Cancellation);
        }
    }

    private async Task Poll(string id)
    {
        var period = run.Period;
        try
        {
            using var response = await run.CardOf(random.Next(run.Silos.Count))
                .Send(HttpMethod.Get, $"/calls/{id}", run.Key, cancellationToken: run.Cancellation);
            if (response.StatusCode is HttpStatusCode.OK)
                Compare(id, (await response.Content.ReadFromJsonAsync<JsonNode>(run.Cancellation))!);
            else if (!await IsExpectedFailure(response, period))
                run.Register.Contradictions.Enqueue(
                    $"GET of {id} returned {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(run.Cancellation)}"
                );
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The silo was killed.
        }
    }

    /// <summary>
    /// Whether the response is a failure that is expected because storage is unavailable and no silo has the call in memory.
    /// </summary>
    private async Task<bool> IsExpectedFailure(HttpResponseMessage response, Period period) =>
        response.StatusCode is HttpStatusCode.ServiceUnavailable
        && (string?)(await response.Content.ReadFromJsonAsync<JsonNode>(run.Cancellation))!["code"] is { } code
        && (period.Allows(code) || run.Period.Allows(code));
}
