using System.Net.Sockets;
using System.Threading.Channels;
using DeployCard.Common.Retry;
using DeployCard.Contracts.Names;

namespace DeployCard.Gateway;

/// <summary>
/// Ejects pods that this gateway cannot reach and probes them with TCP connections until they are reachable again. Whether a pod is alive
/// is for the runtime to decide; the prober knows only what this gateway can reach.
/// </summary>
internal sealed partial class PodProber(TimeProvider time, ILogger<PodProber> logger) : BackgroundService
{
    private static readonly Backoff Backoff = Backoff.Exponential(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    private readonly Channel<(DeploymentGate Gate, PodDestination Pod)> ejected = Channel.CreateUnbounded<(
        DeploymentGate,
        PodDestination
    )>();

    /// <summary>Ejects a pod until a probe reaches it. Has no effect if the pod is already ejected.</summary>
    public void Eject(DeploymentGate gate, PodDestination pod)
    {
        if (!pod.TryEject())
            return;
        LogPodEjected(logger, pod.Pod.Name, gate.Name);
        ejected.Writer.TryWrite((gate, pod));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var probes = new List<Task>();
        await foreach (var (gate, pod) in ejected.Reader.ReadAllAsync(stoppingToken))
        {
            probes.RemoveAll(p => p.IsCompleted);
            probes.Add(Probe(gate, pod, stoppingToken));
        }
    }

    private async Task Probe(DeploymentGate gate, PodDestination pod, CancellationToken cancellationToken)
    {
        for (var probes = 1; ; probes++)
        {
            await Task.Delay(Backoff.DelayAfter(probes), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested || gate.IsProbeObsolete(pod))
                return;
            if (!await IsReachable(pod, cancellationToken))
                continue;
            gate.Reinstate(pod);
            LogPodReinstated(logger, pod.Pod.Name, gate.Name);
            return;
        }
    }

    private async Task<bool> IsReachable(PodDestination pod, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(pod.Pod.Address.Host, pod.Pod.Address.Port, stop.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Pod {Pod} of deployment {Deployment} is unreachable and gets no requests until a probe reaches it"
    )]
    private static partial void LogPodEjected(ILogger logger, PodName pod, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pod {Pod} of deployment {Deployment} is reachable again and gets requests")]
    private static partial void LogPodReinstated(ILogger logger, PodName pod, DeploymentName deployment);
}
