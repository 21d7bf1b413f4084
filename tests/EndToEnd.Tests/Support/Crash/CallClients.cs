using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>
/// Clients that make one call after the other, whatever becomes of the silo. Those with an <c>Idempotency-Key</c> repeat a request until it
/// is accepted, and now and then also one that was; the others never repeat one.
/// </summary>
internal sealed class CallClients : IAsyncDisposable
{
    private const int Count = 10;

    /// <summary>Calls that have not ended: more than the pods take, so that some always wait.</summary>
    private const int MostOpen = 40;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim places = new(MostOpen);
    private readonly CrashRun run;
    private readonly Task[] clients;
    private volatile bool isAbandoned;

    public CallClients(CrashRun run, int failing)
    {
        this.run = run;
        clients = [.. Enumerable.Range(0, Count).Select(n => Keep(n, failing))];
    }

    /// <summary>A call has ended: another one may be made.</summary>
    public void GiveBack() => places.Release();

    /// <summary>Lets each of them make one more call, however many have not ended; while they are refused, one after the other.</summary>
    public void Add() => places.Release(Count);

    /// <summary>Takes that back, once so many have ended.</summary>
    public async Task TakeBack()
    {
        for (var i = 0; i < Count; i++)
            await places.WaitAsync(run.Cancellation);
    }

    /// <summary>Has them make no further calls, and waits until they know of all that they made, as far as they ever will.</summary>
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
        places.Dispose();
    }

    private async Task Keep(int client, int failing)
    {
        var random = new Random(run.Seed + client);
        for (var i = 0; await HasPlace(); i++)
        {
            var call = WorkCall.Next(random, $"{client}-{i}", failing);
            if (!await Offer(client, call))
                places.Release();
            else if (call.HasKey && random.Next(4) == 0)
                await Offer(client, call);
        }
    }

    private async Task<bool> HasPlace()
    {
        try
        {
            await places.WaitAsync(stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Whether it got a 202. One with a key is offered until then.</summary>
    private async Task<bool> Offer(int client, WorkCall call)
    {
        while (!isAbandoned)
        {
            if (await Send(client, call) is { } isAccepted && (isAccepted || !call.HasKey))
                return isAccepted;
            // Nobody is there, or does not take it now.
            await Task.Delay(Pause, TimeProvider.System, run.Cancellation);
        }

        return false;
    }

    /// <summary>Whether it was accepted; null where that is not known and the same request may be sent again.</summary>
    private async Task<bool?> Send(int client, WorkCall call)
    {
        (string, string)[] headers = call.HasKey
            ? [("X-Async-Request", "true"), ("Idempotency-Key", call.Token)]
            : [("X-Async-Request", "true")];
        // One that is known already is answered again, also where nothing can be stored.
        var (period, isKnown) = (run.Period, run.Register.Accepted.ContainsKey(call.Token));
        try
        {
            run.Register.Begin();
            using var body = new ByteArrayContent(new byte[call.Bytes]);
            using var response = await run.CardOf(client)
                .Send(HttpMethod.Post, CrashRun.At(call.Path), run.Key, body, run.Cancellation, headers);
            var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(run.Cancellation))!;
            var code = response.StatusCode is HttpStatusCode.Accepted ? null : (string)answer["code"]!;
            if (code is null)
                run.Register.Accept(call.Token, (string)answer["id"]!);
            else
                run.Register.Refuse(call.Token, code);
            if (run.Period == period && !period.Allows(code) && !(isKnown && code is null))
                run.Register.Contradictions.Enqueue($"{call.Token} got {code ?? "202"} where {period} was right");
            return code is null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            run.Register.MissAnswer(call.Token);
            return call.HasKey ? null : false;
        }
    }
}
