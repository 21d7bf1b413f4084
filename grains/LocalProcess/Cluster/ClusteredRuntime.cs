using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Pods;

namespace DeployCard.LocalProcess.Cluster;

/// <summary>Runs pods as processes of all silos of a cluster. Any silo can start and stop pods on every other silo.</summary>
internal sealed partial class ClusteredRuntime(
    LocalProcessRuntime local,
    ClusterPodDirectory board,
    ISiloPodsClient client,
    ILocalSiloDetails self,
    TimeProvider time,
    ILogger<ClusteredRuntime> logger
) : IPodRuntime, ILocalPods
{
    /// <summary>Maximum time for a silo to accept a pod, so that an unresponsive silo does not block the deployment.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan StopTimeout = SiloPodsService.MaxWait + TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StopRetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainPollInterval = TimeSpan.FromMilliseconds(100);

    public bool IsShuttingDown => local.IsDraining && !OtherSilosAcceptPods;

    private bool OtherSilosAcceptPods => board.Hosts.Any(host => host.AcceptsPods && !host.Silo.Equals(self.SiloAddress));

    public async Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        if (board.FindSilo(pod.Name) is not null)
            return;
        OrleansException? lastError = null;
        foreach (var silo in PodPlacement.RankSilos(pod.Deployment, board.Hosts, self.SiloAddress))
        {
            try
            {
                if (await client.GetPodsService(silo).Start(pod).WaitAsync(StartTimeout, time, cancellationToken) is not { } report)
                    continue;
                board.ApplyReport(silo, report);
                return;
            }
            catch (TimeoutException e)
            {
                // The silo may have accepted the pod, so no other silo may start it under the same name. The next attempt prefers other
                // silos.
                board.MarkUnresponsive(silo);
                throw new TimeoutException(
                    $"Silo {silo} did not confirm within {StartTimeout.TotalSeconds:0.#} s that it started pod {pod.Name}.",
                    e
                );
            }
            catch (OrleansException e)
            {
                board.MarkUnresponsive(silo);
                lastError = e;
            }
        }

        throw new InvalidOperationException($"Pod {pod.Name} was not started: no silo accepts pods now.", lastError);
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        // While its silo is unresponsive the pod may still run. Once the silo is declared dead, no silo has the pod.
        while (board.FindSilo(pod) is { } silo)
        {
            try
            {
                var end = await client.GetPodsService(silo).Stop(pod, grace).WaitAsync(StopTimeout, time, cancellationToken);
                if (end.HasEnded)
                    return end.FinalObservation;
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                await Task.Delay(StopRetryDelay, time, cancellationToken);
            }
        }

        return null;
    }

    public IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(DeploymentName deployment, CancellationToken cancellationToken) =>
        board.Watch(deployment, cancellationToken);

    public async Task Drain(TimeSpan limit, CancellationToken cancellationToken)
    {
        local.StopAcceptingPods();
        var (started, left) = (time.GetTimestamp(), local.ActiveCount);
        LogDrainStarted(logger, left, limit);
        while ((left = local.ActiveCount) > 0 && OtherSilosAcceptPods && time.GetElapsedTime(started) < limit)
            await Task.Delay(DrainPollInterval, time, cancellationToken);
        LogDrainFinished(logger, left);
    }

    public Task StopAll(TimeSpan grace, CancellationToken cancellationToken) => local.StopAll(grace, cancellationToken);

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining this silo: other silos have {Limit} to replace its {Pods} pods")]
    private static partial void LogDrainStarted(ILogger logger, int pods, TimeSpan limit);

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining this silo has finished with {Pods} pods left")]
    private static partial void LogDrainFinished(ILogger logger, int pods);
}
