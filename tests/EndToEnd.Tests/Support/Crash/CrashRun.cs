using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>
/// A silo with one deployment whose calls are made all the while, and what is to be known of them when it is over. The seed is another one
/// each time, unless <c>DEPLOYCARD_TEST_SEED</c> gives it.
/// </summary>
internal sealed class CrashRun : IAsyncDisposable
{
    public const string Deployment = "crash";

    /// <summary>Above what clients have open, and not far: a count that drifts is found.</summary>
    public const int QueueLength = 100;

    private readonly long started = TimeProvider.System.GetTimestamp();

    private CrashRun(SiloProcess silo)
    {
        (Silo, Card, Pods) = (silo, new(silo), new(silo));
        Seed = Number("DEPLOYCARD_TEST_SEED") ?? Random.Shared.Next(1_000_000);
        Random = new(Seed);
    }

    public SiloProcess Silo { get; }

    public Card Card { get; }

    public PodRecord Pods { get; }

    public int Seed { get; }

    public Random Random { get; }

    public string Key { get; private set; } = "";

    public CallRegister Register { get; } = new();

    public CallClients Clients { get; private set; } = null!;

    public CallWatcher Watcher { get; private set; } = null!;

    /// <summary>What an accept is answered just now.</summary>
    public Period Period { get; private set; } = new(null, true);

    public CancellationToken Cancellation { get; } = TestContext.Current.CancellationToken;

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(started);

    public static async Task<CrashRun> Start(int failing, params string[] settings)
    {
        var silo = await SiloProcess.Start(
            TestContext.Current.CancellationToken,
            ["--AsyncCalls:FirstPause", "00:00:00.2", "--LocalProcess:RestartPause", "00:00:00.1", "--LocalProcess:LongestRestartPause", "00:00:01", .. settings]);
        var run = new CrashRun(silo);
        run.Key = await run.Card.Deploy(
            Deployment, "echo",
            new { pods = "0-2", concurrency = 4, asyncQueueLength = QueueLength, environment = new[] { new { name = "WORK_RECORD", value = run.Pods.Folder } } });
        run.Clients = new(run, failing);
        run.Watcher = new(run, () => run.Clients.GiveBack());
        return run;
    }

    /// <summary>The rounds of this run.</summary>
    public static int Rounds(int normal) => Number("DEPLOYCARD_TEST_ROUNDS") ?? normal;

    /// <summary>Where the gateway has a path of the pods.</summary>
    public static string At(string path) => $"/predict/{Deployment}{path}";

    /// <summary>Says how accepts must be answered from now on: by 202, or by a refusal with this code.</summary>
    public void Expect(string? refusal) => Period = new(refusal, true);

    /// <summary>From now on accepts may be answered either way.</summary>
    public void ExpectEither() => Period = new(null, false);

    public IReadOnlyList<int> PodProcesses() => Silo.PodsOf(Deployment);

    /// <summary>Has the clients end, and waits until every call has.</summary>
    public async Task<CrashFindings> End()
    {
        var since = TimeProvider.System.GetTimestamp();
        await Clients.End();
        await Watcher.AllEnded();
        var drained = TimeProvider.System.GetElapsedTime(since);
        await Watcher.End();
        return await CrashFindings.Of(this, drained);
    }

    public async Task<JsonNode> Call(string id)
    {
        using var response = await Card.Send(HttpMethod.Get, $"/calls/{id}", Key, cancellationToken: Cancellation);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
    }

    /// <summary>The text of a call's result; null where it has none.</summary>
    public async Task<string?> Result(string id)
    {
        using var response = await Card.Send(HttpMethod.Get, $"/calls/{id}/result", Key, cancellationToken: Cancellation);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(Cancellation) : null;
    }

    /// <summary>Fills the queue with calls that never end. Returns how many found room, which is what the queue holds where nothing is open.</summary>
    public async Task<int> Fill()
    {
        for (var count = 0; ; count++)
        {
            using var response = await Card.Send(HttpMethod.Post, At("/hold"), Key, new StringContent(""), Cancellation, ("X-Async-Request", "true"));
            if (response.StatusCode is not HttpStatusCode.Accepted || count > 2 * QueueLength)
                return count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // First the silo, so that nobody waits for an answer any more.
        await Silo.DisposeAsync();
        await Clients.DisposeAsync();
        await Watcher.DisposeAsync();
        Register.Dispose();
        Card.Dispose();
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : null;
}

/// <summary>A time during which accepts get the same answer.</summary>
internal sealed class Period(string? refusal, bool isCertain)
{
    /// <summary>Whether an answer to a request that began and ended in this time is right: its code where it is a refusal.</summary>
    public bool Allows(string? code) => !isCertain || code == refusal;

    public override string ToString() => refusal ?? "202";
}
