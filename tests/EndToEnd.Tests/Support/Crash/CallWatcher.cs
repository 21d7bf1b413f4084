using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>Asks for every accepted call again and again, also for those that have ended: what is final must stay as it was first seen.</summary>
internal sealed class CallWatcher : IAsyncDisposable
{
    // Each look is a request for every call that has not ended: without a pause they are most of what the silos do, and what goes down is slow to come back.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Below the two minutes after which a call that waits at a gateway is tried again by itself: one that was forgotten there must be seen.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    private readonly ConcurrentDictionary<string, CallEnd> ends = new();
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

    /// <summary>The final states that were seen, by id.</summary>
    public IReadOnlyDictionary<string, CallEnd> Ends => ends;

    /// <summary>Waits until all that were accepted have ended.</summary>
    public async Task AllEnded()
    {
        try
        {
            await Eventually.Get(() => Task.FromResult(Open().Count), open => open == 0 || watching.IsFaulted, run.Cancellation, Patience);
        }
        catch (TimeoutException e)
        {
            var calls = await Task.WhenAll(Open().Take(5).Select(run.Call));
            throw new TimeoutException(
                $"{string.Join('\n', calls.Select(call => call.ToJsonString()))}\n{string.Join('\n', run.Silos.Select(silo => silo.Output))}",
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

    /// <summary>Compares what a call says now with its first final state.</summary>
    public void Compare(string id, JsonNode call)
    {
        var now = CallEnd.Of(call);
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
                await Look(id);
            await Task.Delay(Pause, TimeProvider.System, run.Cancellation);
        }
    }

    private async Task Look(string id)
    {
        var period = run.Period;
        try
        {
            using var response = await run.CardOf(random.Next(run.Silos.Count))
                .Send(HttpMethod.Get, $"/calls/{id}", run.Key, cancellationToken: run.Cancellation);
            if (response.StatusCode is HttpStatusCode.OK)
                Compare(id, (await response.Content.ReadFromJsonAsync<JsonNode>(run.Cancellation))!);
            else if (!await IsAway(response, period))
                run.Register.Contradictions.Enqueue(
                    $"{id} was asked for and got {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(run.Cancellation)}"
                );
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The silo was killed.
        }
    }

    /// <summary>While storage is away nobody need know of a call that no silo has in memory.</summary>
    private async Task<bool> IsAway(HttpResponseMessage response, Period period) =>
        response.StatusCode is HttpStatusCode.ServiceUnavailable
        && (string?)(await response.Content.ReadFromJsonAsync<JsonNode>(run.Cancellation))!["code"] is { } code
        && (period.Allows(code) || run.Period.Allows(code));
}
