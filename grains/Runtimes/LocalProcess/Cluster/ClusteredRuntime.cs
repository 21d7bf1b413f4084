using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>Runs pods as processes of the silos of a cluster, whichever of them is asked.</summary>
internal sealed partial class ClusteredRuntime(
    LocalProcessRuntime local,
    ClusterBoard board,
    ISiloPodsClient client,
    ILocalSiloDetails self,
    TimeProvider time,
    ILogger<ClusteredRuntime> logger
) : IPodRuntime, ILocalPods
{
    /// <summary>A silo that has not taken a pod by then holds the deployment up no longer.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan StopPatience = SiloPodsService.LongestWait + TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StopPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeavePoll = TimeSpan.FromMilliseconds(100);

    public bool IsEnding => local.IsLeaving && !OthersTakePods;

    private bool OthersTakePods => board.Hosts.Any(host => host.IsOpen && !host.Silo.Equals(self.SiloAddress));

    public async Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        if (board.Find(pod.Name) is not null)
            return;
        OrleansException? away = null;
        foreach (var silo in PodPlacement.For(pod.Deployment, board.Hosts, self.SiloAddress))
        {
            try
            {
                if (await client.Of(silo).Start(pod).WaitAsync(StartPatience, time, cancellationToken) is not { } told)
                    continue;
                board.Take(silo, told);
                return;
            }
            catch (TimeoutException e)
            {
                // It may have taken the pod: another silo must not get it under the same name. The next try goes elsewhere.
                board.SetSilent(silo);
                throw new TimeoutException(
                    $"Silo {silo} did not say within {StartPatience.TotalSeconds:0.#} s whether it has taken pod {pod.Name}.",
                    e
                );
            }
            catch (OrleansException e)
            {
                board.SetSilent(silo);
                away = e;
            }
        }

        throw new InvalidOperationException($"No silo takes pods now, so not {pod.Name} either.", away);
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        // While its silo does not answer the pod may live. Once that is declared dead nobody has it any more.
        while (board.Find(pod) is { } silo)
        {
            try
            {
                var end = await client.Of(silo).Stop(pod, grace).WaitAsync(StopPatience, time, cancellationToken);
                if (end.IsOver)
                    return end.Last;
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                await Task.Delay(StopPause, time, cancellationToken);
            }
        }

        return null;
    }

    public IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(DeploymentName deployment, CancellationToken cancellationToken) =>
        board.Watch(deployment, cancellationToken);

    public async Task Leave(TimeSpan limit, CancellationToken cancellationToken)
    {
        local.TakeNoMore();
        var (started, left) = (time.GetTimestamp(), local.Count);
        LogLeaving(logger, left, limit);
        while ((left = local.Count) > 0 && OthersTakePods && time.GetElapsedTime(started) < limit)
            await Task.Delay(LeavePoll, time, cancellationToken);
        LogLeft(logger, left);
    }

    public Task StopAll(TimeSpan grace, CancellationToken cancellationToken) => local.StopAll(grace, cancellationToken);

    [LoggerMessage(Level = LogLevel.Information, Message = "This silo leaves: its {Pods} pods have {Limit} to go over to others")]
    private static partial void LogLeaving(ILogger logger, int pods, TimeSpan limit);

    [LoggerMessage(Level = LogLevel.Information, Message = "This silo has left, but for {Pods} pods")]
    private static partial void LogLeft(ILogger logger, int pods);
}
