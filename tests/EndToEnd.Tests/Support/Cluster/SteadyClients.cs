using System.Collections.Concurrent;
using System.Net;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>
/// Clients of each silo's gateway that send one synchronous request after another and record the start, end and outcome of each. Periods in
/// which errors are expected are declared with <see cref="Excuse"/>.
/// </summary>
internal sealed class SteadyClients : IAsyncDisposable
{
    private const int PerSilo = 2;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<RequestOutcome> outcomes = new();
    private readonly List<(SiloProcess? Silo, long From, long To)> excuses = [];
    private readonly HashSet<SiloProcess> paused = [];
    private readonly Card[] cards;
    private readonly Task[] clients;

    public SteadyClients(IReadOnlyList<SiloProcess> silos, string path, string key)
    {
        cards = [.. silos.Select(silo => new Card(silo))];
        clients = [.. from card in cards from _ in Enumerable.Range(0, PerSilo) select SendRepeatedly(card, path, key)];
    }

    /// <summary>Number of requests completed so far.</summary>
    public int Count => outcomes.Count;

    /// <summary>Failed requests that are not excused.</summary>
    public IReadOnlyList<RequestOutcome> Errors => [.. Failed.Where(outcome => !excuses.Exists(excuse => outcome.FallsUnder(excuse)))];

    /// <summary>Number of failed requests that are excused.</summary>
    public int Excused => Failed.Count() - Errors.Count;

    private IEnumerable<RequestOutcome> Failed => outcomes.Where(outcome => outcome.Result != nameof(HttpStatusCode.OK));

    /// <summary>The current timestamp of the system clock.</summary>
    public static long Now => TimeProvider.System.GetTimestamp();

    /// <summary>
    /// Excuses failures of requests that were in flight in a period, at one silo or, if <paramref name="silo"/> is null, at any.
    /// </summary>
    public void Excuse(SiloProcess? silo, long from, long to) => excuses.Add((silo, from, to));

    /// <summary>Pauses or resumes the clients of a silo, as a load balancer does that removes and adds the silo.</summary>
    public void SetPaused(SiloProcess silo, bool isPaused)
    {
        lock (paused)
            _ = isPaused ? paused.Add(silo) : paused.Remove(silo);
    }

    /// <summary>Waits until <paramref name="count"/> more requests have completed.</summary>
    public Task WaitForMore(int count, CancellationToken cancellationToken)
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

    private async Task SendRepeatedly(Card card, string path, string key)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!IsPaused(card.Silo))
                outcomes.Enqueue(await Send(card, path, key));
            await Task.Delay(Delay, TimeProvider.System, CancellationToken.None);
        }
    }

    private bool IsPaused(SiloProcess silo)
    {
        lock (paused)
            return paused.Contains(silo);
    }

    private static async Task<RequestOutcome> Send(Card card, string path, string key)
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

/// <summary>Outcome of a synchronous request.</summary>
/// <param name="Silo">The silo to which the request was sent.</param>
/// <param name="Began">Timestamp at which the request was sent.</param>
/// <param name="Ended">Timestamp at which the response was complete or the connection failed.</param>
/// <param name="Result"><c>OK</c> for a successful response, otherwise the status and body or the error message.</param>
internal sealed record RequestOutcome(SiloProcess Silo, long Began, long Ended, string Result)
{
    public bool FallsUnder((SiloProcess? Silo, long From, long To) excuse) =>
        (excuse.Silo is null || excuse.Silo == Silo) && Began <= excuse.To && Ended >= excuse.From;

    public override string ToString() =>
        $"{Silo.Origin} after {TimeProvider.System.GetElapsedTime(Began, Ended).TotalMilliseconds:0} ms: {Result}";
}
