using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>
/// One or more silos with one deployment, to which clients make calls during the whole run, and the records of these calls. The seed is
/// random unless <c>DEPLOYCARD_TEST_SEED</c> sets it.
/// </summary>
internal sealed class CrashRun : IAsyncDisposable
{
    /// <summary>Settings that make failed calls and pods be retried within the duration of a test.</summary>
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

    /// <summary>
    /// Queue length. It is only slightly above the number of calls that clients have open, so that a drift of the count is detected.
    /// </summary>
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

    /// <summary>Client of the first silo, or of the next silo that is up.</summary>
    public Card Card => CardOf(0);

    public PodRecord Pods { get; }

    public int Seed { get; }

    public Random Random { get; }

    public string Key { get; private set; } = "";

    public CallRegister Register { get; } = new();

    public CallClients Clients { get; private set; } = null!;

    public CallWatcher Watcher { get; private set; } = null!;

    /// <summary>The response that is currently expected to new calls.</summary>
    public Period Period { get; private set; } = new(null, true);

    public CancellationToken Cancellation { get; } = TestContext.Current.CancellationToken;

    public TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(started);

    public static async Task<CrashRun> Start(int failing, params string[] settings)
    {
        var silo = await SiloProcess.Start(TestContext.Current.CancellationToken, [.. QuickSettings, .. settings]);
        return await Start([silo], "0-2", failing);
    }

    /// <summary>Starts a run on running silos, which are disposed with it.</summary>
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
        run.Watcher = new(run, () => run.Clients.ReleaseSlot());
        return run;
    }

    /// <summary>Returns the number of rounds: <c>DEPLOYCARD_TEST_ROUNDS</c> if set, otherwise <paramref name="normal"/>.</summary>
    public static int Rounds(int normal) => Number("DEPLOYCARD_TEST_ROUNDS") ?? normal;

    /// <summary>Returns the path of the gateway that leads to a path of the pods.</summary>
    public static string PathOf(string path) => $"/predict/{Deployment}{path}";

    /// <summary>Sets the expected response to new calls: the given error code, or 202 if it is null.</summary>
    public void Expect(string? errorCode) => Period = new(errorCode, true);

    /// <summary>Allows any response to new calls.</summary>
    public void ExpectEither() => Period = new(null, false);

    public IReadOnlyList<int> PodProcesses() => [.. Silos.SelectMany(silo => silo.PodsOf(Deployment))];

    /// <summary>Returns the client of the silo with the given index, or of the next silo that is up.</summary>
    public Card CardOf(int number) =>
        cards[
            Enumerable
                .Range(number, cards.Length)
                .Select(n => n % cards.Length)
                .Where(n => !Volatile.Read(ref isDown[n]))
                .DefaultIfEmpty(number % cards.Length)
                .First()
        ];

    /// <summary>Marks a silo as down or up. Clients use only silos that are up, as a load balancer does.</summary>
    public void Mark(SiloProcess silo, bool down) => Volatile.Write(ref isDown[Silos.Index().Single(s => s.Item == silo).Index], down);

    /// <summary>Stops the clients, waits until every call has ended and returns the results.</summary>
    public async Task<CrashFindings> End()
    {
        var since = TimeProvider.System.GetTimestamp();
        await Clients.End();
        await Watcher.WaitForAllEnded();
        var drained = TimeProvider.System.GetElapsedTime(since);
        await Watcher.End();
        return await CrashFindings.Collect(this, drained);
    }

    public async Task<JsonNode> GetCall(string id)
    {
        using var response = await Card.Send(HttpMethod.Get, $"/calls/{id}", Key, cancellationToken: Cancellation);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!;
    }

    /// <summary>Returns the text of a call's result; null if the call has no result.</summary>
    public async Task<string?> ReadResult(string id)
    {
        using var response = await Card.Send(HttpMethod.Get, $"/calls/{id}/result", Key, cancellationToken: Cancellation);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(Cancellation) : null;
    }

    /// <summary>
    /// Fills the queue with calls that never end. Returns how many were accepted, which equals the queue length if no other calls are open.
    /// </summary>
    public async Task<int> FillQueue()
    {
        for (var count = 0; ; count++)
        {
            using var response = await Card.Send(
                HttpMethod.Post,
                PathOf("/hold"),
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
        // The silos are disposed first, so that no client waits for a response. The first silo is disposed last, because the pods of all
        // silos write to its folder.
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

/// <summary>A period during which new calls must get the same response.</summary>
internal sealed class Period(string? errorCode, bool isCertain)
{
    /// <summary>
    /// Whether the response to a request that began and ended in this period is correct. The code is null if the call was accepted.
    /// </summary>
    public bool Allows(string? code) => !isCertain || code == errorCode;

    public override string ToString() => errorCode ?? "202";
}
