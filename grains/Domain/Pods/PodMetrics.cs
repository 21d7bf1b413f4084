using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;

namespace DeployCard.Domain.Pods;

/// <summary>
/// Number of pods and their failures (meter <c>DeployCard.Pods</c>) by deployment, for the deployments whose grains run on this silo.
/// Deployments beyond <see cref="MaxDeployments"/> are counted together as <c>_other</c>. Failures are also recorded for the monitoring of
/// the deployment.
/// </summary>
internal sealed class PodMetrics
{
    public const string MeterName = "DeployCard.Pods";

    /// <summary>Maximum number of deployments that are measured separately.</summary>
    public const int MaxDeployments = DeploymentTag.MaxDeployments;

    private readonly ConcurrentDictionary<string, IReadOnlyList<PodObservation>> podsByDeployment = new();
    private readonly TrafficRegistry traffic;
    private readonly DeploymentTag tag = new();
    private readonly Counter<long> crashes;
    private readonly Counter<long> restarts;

    public PodMetrics(IMeterFactory meters, TrafficRegistry traffic)
    {
        this.traffic = traffic;
        var meter = meters.Create(MeterName);
        meter.CreateObservableUpDownCounter("deploycard.pods", Measure, "{pod}", "Number of pods by deployment and phase.");
        crashes = meter.CreateCounter<long>(
            "deploycard.pod.crashes",
            "{crash}",
            "Number of pods that exited without being asked to stop, or that did not become ready."
        );
        restarts = meter.CreateCounter<long>("deploycard.pod.restarts", "{restart}", "Number of restarts of pods after a failure.");
    }

    /// <summary>Updates the pods of a deployment.</summary>
    public void Update(DeploymentName deployment, IReadOnlyList<PodObservation> pods)
    {
        var before = podsByDeployment.GetValueOrDefault(deployment.Value, []);
        foreach (var pod in pods)
        {
            // Earlier failures of a pod that is new here were counted on another silo. Comparing it with itself adds 0, which creates the
            // series, so that the first failure shows as an increase.
            CountChanges(deployment, before.FirstOrDefault(other => other.Name == pod.Name) ?? pod, pod);
        }

        if (pods.Count > 0)
            podsByDeployment[deployment.Value] = pods;
        else
            podsByDeployment.TryRemove(deployment.Value, out _);
    }

    /// <summary>
    /// Counts the failures and restarts since the last update. A failure is counted when it is observed, and not again when the pod
    /// restarts. Failures that happened between two updates are counted with the later one.
    /// </summary>
    private void CountChanges(DeploymentName deployment, PodObservation before, PodObservation now)
    {
        restarts.Add(Math.Max(0, now.Restarts - before.Restarts), tag.For(deployment.Value));
        var failed = Math.Max(0, Failures(now) - Failures(before));
        crashes.Add(failed, tag.For(deployment.Value));
        traffic.For(deployment).RecordPodCrashes(failed);
    }

    private static int Failures(PodObservation pod) => pod.Restarts + (pod.Phase is PodPhase.Failed ? 1 : 0);

    private IEnumerable<Measurement<int>> Measure() =>
        podsByDeployment
            .OrderBy(k => k.Key, StringComparer.Ordinal)
            .SelectMany((k, n) => k.Value.Select(pod => (Deployment: n < MaxDeployments ? k.Key : DeploymentTag.Other, pod.Phase)))
            .GroupBy(p => p)
            .Select(p => new Measurement<int>(
                p.Count(),
                new KeyValuePair<string, object?>(DeploymentTag.Key, p.Key.Deployment),
                new("deploycard.pod.phase", p.Key.Phase.ToString().ToLowerInvariant())
            ));
}
