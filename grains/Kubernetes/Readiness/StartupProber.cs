using System.Collections.Concurrent;
using System.Net.Sockets;
using DeployCard.Common.Retry;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Pods;

namespace DeployCard.Kubernetes.Readiness;

/// <summary>
/// Probes starting pods for readiness. Their nodes probe at most once per second and report through the API server, so direct probes
/// shorten the wait for a first pod. The silo that watches the pods probes them. If the silo cannot reach the pods, their readiness comes
/// from Kubernetes only.
/// </summary>
internal sealed class StartupProber(PodTable table, TimeProvider time) : IDisposable
{
    // A server may accept the connection and respond only once its model is loaded.
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    // A twentieth of the time since the first probe. A pod that is not ready yet may log each request.
    private static readonly ProportionalDelay Delay = new(TimeSpan.FromMilliseconds(20), 20, TimeSpan.FromMilliseconds(500));

    private readonly ConcurrentDictionary<string, Task> probes = new();
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

    /// <summary>Begins to probe the starting pods of a deployment that are not probed yet.</summary>
    /// <param name="pods">The pods of the deployment.</param>
    /// <param name="watch">Token that is canceled when the watch ends; all probes of the deployment then stop.</param>
    public void ProbeStartingPods(IReadOnlyList<PodObservation> pods, CancellationToken watch)
    {
        foreach (var ended in probes.Where(run => run.Value.IsCompleted))
            probes.TryRemove(ended);
        foreach (var pod in pods.Where(pod => pod.Phase is PodPhase.Starting))
        {
            if (table.GetReadinessCheck(pod.Name) is { } check && !probes.ContainsKey(check.Run))
                probes[check.Run] = Task.Run(() => ProbeUntilReady(check, watch), CancellationToken.None);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task ProbeUntilReady(ReadinessCheck check, CancellationToken watch)
    {
        var started = time.GetTimestamp();
        while (!watch.IsCancellationRequested && table.GetReadinessCheck(check.Pod) == check)
        {
            if (await IsReady(check, watch))
                table.RecordReady(check);
            else
                await Task.Delay(Delay.DelayAfter(time.GetElapsedTime(started)), time, watch)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> IsReady(ReadinessCheck check, CancellationToken watch)
    {
        using var timeout = new CancellationTokenSource(ProbeTimeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, watch);
        try
        {
            return check.Protocol is PodProtocol.H2c
                ? await AcceptsConnections(check.Url, end.Token)
                : await RespondsWithSuccess(check.Url, end.Token);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> RespondsWithSuccess(Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.UserAgent.ParseAdd("DeployCard-Readiness");
        // A single-threaded server would otherwise wait on the idle connection and serve no other client.
        request.Headers.ConnectionClose = true;
        using var response = await http.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode;
    }

    private static async Task<bool> AcceptsConnections(Uri url, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(url.Host, url.Port, cancellationToken);
        return true;
    }
}
