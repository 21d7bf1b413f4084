using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>
/// A silo, or some, with one deployment whose calls are made all the while, and what is to be known of them when it is over. The seed is another
/// one each time, unless <c>DEPLOYCARD_TEST_SEED</c> gives it.
/// </summary>
internal sealed class CrashRun : IAsyncDisposable
{
    /// <summary>So that a call that fails, and a pod, is tried again within a test's time.</summary>
    public static readonly string[] QuickSettings =
    [
        "--AsyncCalls:InitialBackoff",
        "00:00:00.2",
        "--LocalProcess:InitialRestartBackoff",
        "00:00:00.1",
        "--LocalProcess:MaxRestartBackoff",
        "00:00:01",
    ];

    public const string Deployment = "crash";

    /// <summary>Above what clients have open, and not far: a count that drifts is found.</summary>
    public const int QueueLength = 100;

    private readonly long started = TimeProvider.System.GetTimestamp();

    private readonly Card[] cards;
    private readonly bool[] isDown;

    private CrashRun(IReadOnlyList<SiloProcess> silos)
    {
        (Silos, Pods, isDown) = (silos, new(silos[0]), new bool[silos.Count]);
        cards = [.. silos.Select(silo => new Card(silo))];
        Seed = Number("DEPLOYCARD_TEST_SEED") ?? Random.Shared.Next(1_000_000);
        Random = new(Seed);
    }

    public IReadOnlyList<SiloProcess> Silos { get; }

    public SiloProcess Silo => Silos[0];

    /// <summary>The card of a silo that is up, always of the same one where it is.</summary>
    public Card Card => CardOf(0);

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
        var silo = await SiloProcess.Start(TestContext.Current.CancellationToken, [.. QuickSettings, .. settings]);
        return await Start([silo], "0-2", failing);
    }

    /// <summary>On silos that run, which end with it.</summary>
    public static async Task<CrashRun> Start(IReadOnlyList<SiloProcess> silos, string pods, int failing)
    {
        var run = new CrashRun(silos);
        run.Key = await run.Card.Deploy(
            Deployment,
            "echo",
            new
            {
                pods,
                concurrency = 4,
                asyncQueueLength = QueueLength,
                environment = new[] { new { name = "WORK_RECORD", value = run.Pods.Folder } },
            }
        );
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

    public IReadOnlyList<int> PodProcesses() => [.. Silos.SelectMany(silo => silo.PodsOf(Deployment))];

    /// <summary>The card of the silo of this number, or of the next one that is up.</summary>
    public Card CardOf(int number) =>
        cards[
            Enumerable
                .Range(number, cards.Length)
                .Select(n => n % cards.Length)
                .Where(n => !Volatile.Read(ref isDown[n]))
                .DefaultIfEmpty(number % cards.Length)
                .First()
        ];

    /// <summary>Nobody asks this silo any more, as behind a load balancer that has noticed; or it is asked again.</summary>
    public void Mark(SiloProcess silo, bool down) => Volatile.Write(ref isDown[Silos.Index().Single(s => s.Item == silo).Index], down);

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
            using var response = await Card.Send(
                HttpMethod.Post,
                At("/hold"),
                Key,
                new StringContent(""),
                Cancellation,
                ("X-Async-Request", "true")
            );
            if (response.StatusCode is not HttpStatusCode.Accepted || count > 2 * QueueLength)
                return count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // First the silos, so that nobody waits for an answer any more; the first one last, for the pods of all write into its folder.
        foreach (var silo in Silos.Reverse())
            await silo.DisposeAsync();
        await Clients.DisposeAsync();
        await Watcher.DisposeAsync();
        Register.Dispose();
        foreach (var card in cards)
            card.Dispose();
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : null;
}

/// <summary>A time during which accepts get the same answer.</summary>
internal sealed class Period(string? refusal, bool isCertain)
{
    /// <summary>Whether an answer to a request that began and ended in this time is right: its code where it is a refusal.</summary>
    public bool Allows(string? code) => !isCertain || code == refusal;

    public override string ToString() => refusal ?? "202";
}
