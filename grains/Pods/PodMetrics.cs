using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Telemetry;

namespace DeployCard.Grains.Pods;

/// <summary>
/// How many pods there are and how often they fail (meter <c>DeployCard.Pods</c>), by deployment, as the deployments of this silo see them.
/// Deployments beyond <see cref="MostDeployments"/> are counted together as <c>_other</c>. Failures are noted for the deployment's own monitoring, too.
/// </summary>
internal sealed class PodMetrics
{
    public const string MeterName = "DeployCard.Pods";

    /// <summary>The most deployments that are told apart.</summary>
    public const int MostDeployments = DeploymentTag.Most;

    private readonly ConcurrentDictionary<string, IReadOnlyList<PodObservation>> known = new();
    private readonly TrafficBook traffic;
    private readonly DeploymentTag tag = new();
    private readonly Counter<long> crashes;
    private readonly Counter<long> restarts;

    public PodMetrics(IMeterFactory meters, TrafficBook traffic)
    {
        this.traffic = traffic;
        var meter = meters.Create(MeterName);
        meter.CreateObservableUpDownCounter("deploycard.pods", Measure, "{pod}", "Pods by deployment and phase.");
        crashes = meter.CreateCounter<long>(
            "deploycard.pod.crashes",
            "{crash}",
            "Pods that ended though nobody had asked them to, or that did not become ready."
        );
        restarts = meter.CreateCounter<long>("deploycard.pod.restarts", "{restart}", "Pods that were started again after a failure.");
    }

    /// <summary>Notes the pods that a deployment has now.</summary>
    public void Has(DeploymentName deployment, IReadOnlyList<PodObservation> pods)
    {
        var before = known.GetValueOrDefault(deployment.Value, []);
        foreach (var pod in pods)
        {
            // What a new one brings along was counted before, on another silo. Counted as none, it is an increase when it fails.
            Compare(deployment, before.FirstOrDefault(other => other.Name == pod.Name) ?? pod, pod);
        }

        if (pods.Count > 0)
            known[deployment.Value] = pods;
        else
            known.TryRemove(deployment.Value, out _);
    }

    /// <summary>A failure is counted when it is seen, and not again when the restart after it is; what was between two looks is counted with the later one.</summary>
    private void Compare(DeploymentName deployment, PodObservation before, PodObservation now)
    {
        restarts.Add(Math.Max(0, now.Restarts - before.Restarts), tag.Of(deployment.Value));
        var failed = Math.Max(0, Failures(now) - Failures(before));
        crashes.Add(failed, tag.Of(deployment.Value));
        traffic.Of(deployment).Crashed(failed);
    }

    private static int Failures(PodObservation pod) => pod.Restarts + (pod.Phase is PodPhase.Failed ? 1 : 0);

    private IEnumerable<Measurement<int>> Measure() =>
        known
            .OrderBy(k => k.Key, StringComparer.Ordinal)
            .SelectMany((k, n) => k.Value.Select(pod => (Deployment: n < MostDeployments ? k.Key : DeploymentTag.Other, pod.Phase)))
            .GroupBy(p => p)
            .Select(p => new Measurement<int>(
                p.Count(),
                new KeyValuePair<string, object?>(DeploymentTag.Key, p.Key.Deployment),
                new("deploycard.pod.phase", p.Key.Phase.ToString().ToLowerInvariant())
            ));
}
