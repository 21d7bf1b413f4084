using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Readiness;

namespace DeployCard.LocalProcess.Cluster;

/// <summary>Follows the cluster membership and polls the pods of each silo until the silo is dead.</summary>
internal sealed partial class ClusterPodsPoller(
    IClusterMembershipService membership,
    ILocalSiloDetails self,
    SiloPodsPoller follower,
    ClusterPodDirectory board,
    TimeProvider time,
    ILogger<ClusterPodsPoller> logger
) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OrphanPollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>After this time a listener on the port of an orphaned pod is assumed to be another process.</summary>
    private static readonly TimeSpan MaxOrphanWait = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<SiloAddress, (CancellationTokenSource Removed, Task Polling)> polled = [];
    private Task following = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ClusterPodsPoller), ServiceLifecycleStage.Active, Start, Stop);

    public void Dispose() => stopping.Dispose();

    private Task Start(CancellationToken cancellationToken)
    {
        following = Task.Run(FollowAll, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await following.WaitAsync(cancellationToken);
    }

    private async Task FollowAll()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stopping.Token))
                    ApplyMembership(snapshot);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                LogMembershipFailed(logger, e);
                await Task.Delay(RetryDelay, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The silo shuts down.
            }
        }

        await Task.WhenAll(polled.Values.Select(silo => silo.Polling));
    }

    private void ApplyMembership(ClusterMembershipSnapshot snapshot)
    {
        // A joining silo has no pods yet. A silo that shuts down has pods until it reports their end or is dead.
        var members = snapshot
            .Members.Values.Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
            .ToDictionary(member => member.SiloAddress, member => member.Status);
        var removed = board.SetMembers(members);
        foreach (var silo in members.Keys.Where(silo => !polled.ContainsKey(silo)))
        {
            var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            polled[silo] = (cancellation, Task.Run(() => follower.Poll(silo, cancellation.Token), CancellationToken.None));
        }

        foreach (var host in removed)
            OnSiloRemoved(host);
    }

    private void OnSiloRemoved(PodHost host)
    {
        if (polled.Remove(host.Silo, out var silo))
            silo.Removed.Cancel();
        if (host.Silo.Equals(self.SiloAddress))
            return;
        foreach (var pod in host.Pods.Where(pod => pod.Address is not null).ToList())
            _ = WaitForOrphanEnd(pod, pod.Address!.Port);
        var pods = host.CountPods();
        LogSiloRemoved(logger, host.Silo, pods);
    }

    /// <summary>
    /// Waits until a pod of a dead silo has ended. The pod ends shortly after its silo process; a silo that was only partitioned ends its
    /// pods when it learns that it was declared dead.
    /// </summary>
    private async Task WaitForOrphanEnd(PodObservation pod, int port)
    {
        try
        {
            var started = time.GetTimestamp();
            while (time.GetElapsedTime(started) < MaxOrphanWait && await TcpProbe.IsListening(port, stopping.Token))
                await Task.Delay(OrphanPollInterval, time, stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The silo shuts down.
        }
        finally
        {
            board.RemoveOrphan(pod);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Silo {Silo} was removed from the cluster; its last report contained {Pods} running pods"
    )]
    private static partial void LogSiloRemoved(ILogger logger, SiloAddress silo, int pods);

    [LoggerMessage(Level = LogLevel.Error, Message = "Following the cluster membership failed; retrying")]
    private static partial void LogMembershipFailed(ILogger logger, Exception exception);
}
