using System.Collections.Concurrent;
using System.Net.Sockets;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.Kubernetes.Readiness;

/// <summary>
/// Asks pods that start whether they are ready. Their nodes do so once a second at most, and what they find comes by way of the API server: who waits for a
/// first pod need not wait for that. It is done where the pods are watched; where pods cannot be reached from here, the platform's word is all there is.
/// </summary>
internal sealed class StartProbes(PodTable table, TimeProvider time) : IDisposable
{
    // A server may take the connection and answer only once its model is loaded.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    // A pod that answers "not yet" may write a line into its log each time.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, Task> asked = new();
    private readonly HttpMessageInvoker http = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(1),
        }
    );

    /// <summary>Asks those of a deployment's pods that start and are not asked yet.</summary>
    /// <param name="pods">The deployment's pods.</param>
    /// <param name="watch">The end of the watch.</param>
    public void Follow(IReadOnlyList<PodObservation> pods, CancellationToken watch)
    {
        foreach (var ended in asked.Where(run => run.Value.IsCompleted))
            asked.TryRemove(ended);
        foreach (var pod in pods.Where(pod => pod.Phase is PodPhase.Starting))
        {
            if (table.StartQuestion(pod.Name) is { } question && !asked.ContainsKey(question.Run))
                asked[question.Run] = Task.Run(() => Ask(question, watch), CancellationToken.None);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task Ask(StartQuestion question, CancellationToken watch)
    {
        var started = time.GetTimestamp();
        while (!watch.IsCancellationRequested && table.StartQuestion(question.Pod) == question)
        {
            if (await IsReady(question, watch))
                table.Hear(question);
            else
                await Task.Delay(Pause(time.GetElapsedTime(started)), time, watch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A twentieth of the time since the first question, 20 ms to 500 ms.</summary>
    private static TimeSpan Pause(TimeSpan since) =>
        since / 20 is var pause && pause < ShortestPause ? ShortestPause
        : pause > LongestPause ? LongestPause
        : pause;

    private async Task<bool> IsReady(StartQuestion question, CancellationToken watch)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, watch);
        try
        {
            return question.Protocol is PodProtocol.H2c
                ? await TakesConnections(question.Url, end.Token)
                : await Answers(question.Url, end.Token);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> Answers(Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.UserAgent.ParseAdd("DeployCard-Readiness");
        // A server with a single thread would wait on an idle connection of ours and serve nobody else.
        request.Headers.ConnectionClose = true;
        using var response = await http.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode;
    }

    private static async Task<bool> TakesConnections(Uri url, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port, cancellationToken);
        return true;
    }
}
