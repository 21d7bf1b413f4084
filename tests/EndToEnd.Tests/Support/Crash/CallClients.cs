using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>
/// Clients that make one call after another while silos fail. Calls with an <c>Idempotency-Key</c> are repeated until they are accepted,
/// and some are repeated once again after that. Calls without a key are never repeated.
/// </summary>
internal sealed class CallClients : IAsyncDisposable
{
    private const int Count = 10;

    /// <summary>Maximum number of unfinished calls. It exceeds the capacity of the pods, so that some calls are always queued.</summary>
    private const int MaxOpen = 40;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim slots = new(MaxOpen);
    private readonly CrashRun run;
    private readonly Task[] clients;
    private volatile bool isAbandoned;

    public CallClients(CrashRun run, int failing)
    {
        this.run = run;
        clients = [.. Enumerable.Range(0, Count).Select(n => MakeCalls(n, failing))];
    }

    /// <summary>Releases the slot of a call that has ended, so that another call can be made.</summary>
    public void ReleaseSlot() => slots.Release();

    /// <summary>
    /// Adds one slot for each client, regardless of unfinished calls. While calls are rejected, each client makes one call after another.
    /// </summary>
    public void AddSlots() => slots.Release(Count);

    /// <summary>Removes the added slots again, as soon as enough calls have ended.</summary>
    public async Task RemoveSlots()
    {
        for (var i = 0; i < Count; i++)
            await slots.WaitAsync(run.Cancellation);
    }

    /// <summary>Stops the clients and waits until their last requests have a response or have failed.</summary>
    public async Task End()
    {
        await stop.CancelAsync();
        await Task.WhenAll(clients);
    }

    public async ValueTask DisposeAsync()
    {
        isAbandoned = true;
        await stop.CancelAsync();
        await Task.WhenAll(clients).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        slots.Dispose();
    }

    private async Task MakeCalls(int client, int failing)
    {
        var random = new Random(run.Seed + client);
        for (var i = 0; await TryAcquireSlot(); i++)
        {
            var call = WorkCall.Next(random, $"{client}-{i}", failing);
            if (!await Submit(client, call))
                slots.Release();
            else if (call.HasKey && random.Next(4) == 0)
                await Submit(client, call);
        }
    }

    private async Task<bool> TryAcquireSlot()
    {
        try
        {
            await slots.WaitAsync(stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Makes a call and returns whether it was accepted. A call with a key is retried until it is accepted.</summary>
    private async Task<bool> Submit(int client, WorkCall call)
    {
        while (!isAbandoned)
        {
            if (await Send(client, call) is { } isAccepted && (isAccepted || !call.HasKey))
                return isAccepted;
            // The silo is down or rejects the call at the moment.
            await Task.Delay(RetryDelay, TimeProvider.System, run.Cancellation);
        }

        return false;
    }

    /// <summary>
    /// Sends the request of a call and returns whether it was accepted; null if no response arrived and the call has a key, so that the
    /// request can be sent again.
    /// </summary>
    private async Task<bool?> Send(int client, WorkCall call)
    {
        (string, string)[] headers = call.HasKey
            ? [("X-Async-Request", "true"), ("Idempotency-Key", call.Token)]
            : [("X-Async-Request", "true")];
        // A repeated request of an accepted call gets its 202 again, even if nothing can be stored.
        var (period, isKnown) = (run.Period, run.Register.Accepted.ContainsKey(call.Token));
        try
        {
            run.Register.RecordRequest();
            using var body = new ByteArrayContent(new byte[call.Bytes]);
            using var response = await run.CardOf(client)
                .Send(HttpMethod.Post, CrashRun.PathOf(call.Path), run.Key, body, run.Cancellation, headers);
            var json = (await response.Content.ReadFromJsonAsync<JsonNode>(run.Cancellation))!;
            var code = response.StatusCode is HttpStatusCode.Accepted ? null : (string)json["code"]!;
            if (code is null)
                run.Register.RecordAccepted(call.Token, (string)json["id"]!);
            else
                run.Register.RecordRejected(call.Token, code);
            if (run.Period == period && !period.Allows(code) && !(isKnown && code is null))
                run.Register.Contradictions.Enqueue($"{call.Token} got {code ?? "202"}, but {period} was expected");
            return code is null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            run.Register.RecordNoResponse(call.Token);
            return call.HasKey ? null : false;
        }
    }
}
