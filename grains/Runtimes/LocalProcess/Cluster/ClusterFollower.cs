using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Readiness;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>Follows every silo of the cluster from its start to its end.</summary>
internal sealed partial class ClusterFollower(
    IClusterMembershipService membership,
    ILocalSiloDetails self,
    SiloFollower follower,
    ClusterBoard board,
    TimeProvider time,
    ILogger<ClusterFollower> logger
) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Who listens there for longer is somebody else by now.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<SiloAddress, (CancellationTokenSource Gone, Task Following)> followed = [];
    private Task following = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ClusterFollower), ServiceLifecycleStage.Active, Start, Stop);

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
                    Take(snapshot);
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                LogMembershipFailed(logger, e);
                await Task.Delay(Pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The silo ends.
            }
        }

        await Task.WhenAll(followed.Values.Select(silo => silo.Following));
    }

    private void Take(ClusterMembershipSnapshot snapshot)
    {
        // One that still joins has no pods. One that ends has them until it is dead, or says that they are gone.
        var members = snapshot
            .Members.Values.Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
            .ToDictionary(member => member.SiloAddress, member => member.Status);
        var gone = board.SetMembers(members);
        foreach (var silo in members.Keys.Where(silo => !followed.ContainsKey(silo)))
        {
            var end = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            followed[silo] = (end, Task.Run(() => follower.Follow(silo, end.Token), CancellationToken.None));
        }

        foreach (var host in gone)
            Forget(host);
    }

    private void Forget(PodHost host)
    {
        if (followed.Remove(host.Silo, out var silo))
            silo.Gone.Cancel();
        if (host.Silo.Equals(self.SiloAddress))
            return;
        foreach (var pod in host.Pods.Where(pod => pod.Address is not null).ToList())
            _ = WatchEnd(pod, pod.Address!.Port);
        var lost = host.Count();
        LogDead(logger, host.Silo, lost);
    }

    /// <summary>A pod ends a moment after its silo; where that was only cut off, after it has learned that it is dead.</summary>
    private async Task WatchEnd(PodObservation pod, int port)
    {
        try
        {
            var started = time.GetTimestamp();
            while (time.GetElapsedTime(started) < LongestEnd && await Knock.IsHeard(port, stopping.Token))
                await Task.Delay(Look, time, stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The silo ends.
        }
        finally
        {
            board.Bury(pod);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} is gone, and with it {Pods} pods that it told of last")]
    private static partial void LogDead(ILogger logger, SiloAddress silo, int pods);

    [LoggerMessage(Level = LogLevel.Error, Message = "Which silos there are cannot be followed; trying again")]
    private static partial void LogMembershipFailed(ILogger logger, Exception exception);
}
