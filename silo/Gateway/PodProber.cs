using System.Net.Sockets;
using System.Threading.Channels;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Takes a pod that cannot be reached out of service at once, and knocks until it opens again. Whether it lives is the runtime's to find out;
/// this is only what this gateway can reach.
/// </summary>
internal sealed partial class PodProber(TimeProvider time, ILogger<PodProber> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Channel<(DeploymentGate Gate, PodSlot Pod)> outs = Channel.CreateUnbounded<(DeploymentGate, PodSlot)>();

    /// <summary>Takes a pod out, and puts it back once it can be reached.</summary>
    public void Watch(DeploymentGate gate, PodSlot pod)
    {
        if (!pod.TakeOut())
            return;
        LogOut(logger, pod.Pod.Name, gate.Name);
        outs.Writer.TryWrite((gate, pod));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var probes = new List<Task>();
        await foreach (var (gate, pod) in outs.Reader.ReadAllAsync(stoppingToken))
        {
            probes.RemoveAll(p => p.IsCompleted);
            probes.Add(Probe(gate, pod, stoppingToken));
        }
    }

    private async Task Probe(DeploymentGate gate, PodSlot pod, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested || gate.NeedsNoProbe(pod))
                return;
            if (!await IsReached(pod, cancellationToken))
                continue;
            gate.PutBack(pod);
            LogBack(logger, pod.Pod.Name, gate.Name);
            return;
        }
    }

    private async Task<bool> IsReached(PodSlot pod, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(pod.Pod.Address.Host, pod.Pod.Address.Port, over.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Pod {Pod} of deployment {Deployment} cannot be reached: it gets no requests until it can"
    )]
    private static partial void LogOut(ILogger logger, PodName pod, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pod {Pod} of deployment {Deployment} can be reached again")]
    private static partial void LogBack(ILogger logger, PodName pod, DeploymentName deployment);
}
