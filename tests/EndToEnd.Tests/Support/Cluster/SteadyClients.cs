using System.Collections.Concurrent;
using System.Net;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>
/// Clients of each silo's gateway that make one synchronous request after the other, and remember when each began, when it ended and how. What
/// excuses an error is told by <see cref="Excuse"/>.
/// </summary>
internal sealed class SteadyClients : IAsyncDisposable
{
    private const int PerSilo = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<Answer> answers = new();
    private readonly List<(SiloProcess? Silo, long From, long To)> excuses = [];
    private readonly HashSet<SiloProcess> resting = [];
    private readonly Card[] cards;
    private readonly Task[] clients;

    public SteadyClients(IReadOnlyList<SiloProcess> silos, string path, string key)
    {
        cards = [.. silos.Select(silo => new Card(silo))];
        clients = [.. from card in cards from _ in Enumerable.Range(0, PerSilo) select Keep(card, path, key)];
    }

    /// <summary>Answers so far.</summary>
    public int Count => answers.Count;

    /// <summary>Errors that nothing excuses.</summary>
    public IReadOnlyList<Answer> Errors => [.. Failed.Where(answer => !excuses.Exists(excuse => answer.FallsUnder(excuse)))];

    /// <summary>Errors that something excuses.</summary>
    public int Excused => Failed.Count() - Errors.Count;

    private IEnumerable<Answer> Failed => answers.Where(answer => answer.Result != nameof(HttpStatusCode.OK));

    /// <summary>The moment.</summary>
    public static long Now => TimeProvider.System.GetTimestamp();

    /// <summary>Requests that were under way at a silo, or at all of them, in this time may have failed.</summary>
    public void Excuse(SiloProcess? silo, long from, long to) => excuses.Add((silo, from, to));

    /// <summary>Has a silo's clients make no further requests, as behind a load balancer, until they are let go on.</summary>
    public void Rest(SiloProcess silo, bool rests)
    {
        lock (resting)
            _ = rests ? resting.Add(silo) : resting.Remove(silo);
    }

    /// <summary>Waits for so many more answers.</summary>
    public Task More(int count, CancellationToken cancellationToken)
    {
        var all = Count + count;
        return Eventually.Get(() => Task.FromResult(Count), seen => seen >= all, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        foreach (var card in cards)
            card.Dispose();
        stop.Dispose();
    }

    private async Task Keep(Card card, string path, string key)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!Rests(card.Silo))
                answers.Enqueue(await Ask(card, path, key));
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }

    private bool Rests(SiloProcess silo)
    {
        lock (resting)
            return resting.Contains(silo);
    }

    private static async Task<Answer> Ask(Card card, string path, string key)
    {
        var began = Now;
        try
        {
            using var response = await card.Send(HttpMethod.Get, path, key, cancellationToken: CancellationToken.None);
            var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
            return new(
                card.Silo,
                began,
                Now,
                response.IsSuccessStatusCode ? nameof(HttpStatusCode.OK) : $"{(int)response.StatusCode} {text}"
            );
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            return new(card.Silo, began, Now, e.Message);
        }
    }
}

/// <summary>What became of a request.</summary>
/// <param name="Silo">The silo that was asked.</param>
/// <param name="Began">When.</param>
/// <param name="Ended">When the answer was there, or the connection broke.</param>
/// <param name="Result"><c>OK</c>, or what went wrong.</param>
internal sealed record Answer(SiloProcess Silo, long Began, long Ended, string Result)
{
    public bool FallsUnder((SiloProcess? Silo, long From, long To) excuse) =>
        (excuse.Silo is null || excuse.Silo == Silo) && Began <= excuse.To && Ended >= excuse.From;

    public override string ToString() =>
        $"{Silo.Origin} after {TimeProvider.System.GetElapsedTime(Began, Ended).TotalMilliseconds:0} ms: {Result}";
}
