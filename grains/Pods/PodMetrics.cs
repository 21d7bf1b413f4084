using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Pods;

/// <summary>
/// How many pods there are (meter <c>DeployCard.Pods</c>), by deployment and phase, as the deployments of this silo see them. Deployments beyond
/// <see cref="MostDeployments"/> are counted together as <c>_other</c>.
/// </summary>
internal sealed class PodMetrics
{
    public const string MeterName = "DeployCard.Pods";

    /// <summary>The most deployments that are told apart.</summary>
    public const int MostDeployments = 1000;

    private readonly ConcurrentDictionary<string, IReadOnlyList<PodObservation>> known = new();

    public PodMetrics(IMeterFactory meters) => meters.Create(MeterName)
        .CreateObservableUpDownCounter("deploycard.pods", Measure, "{pod}", "Pods by deployment and phase.");

    /// <summary>Notes the pods that a deployment has now.</summary>
    public void Has(DeploymentName deployment, IReadOnlyList<PodObservation> pods)
    {
        if (pods.Count > 0)
            known[deployment.Value] = pods;
        else
            known.TryRemove(deployment.Value, out _);
    }

    private IEnumerable<Measurement<int>> Measure() => known
        .OrderBy(k => k.Key, StringComparer.Ordinal)
        .SelectMany((k, n) => k.Value.Select(pod => (Deployment: n < MostDeployments ? k.Key : "_other", pod.Phase)))
        .GroupBy(p => p)
        .Select(p => new Measurement<int>(
            p.Count(), new KeyValuePair<string, object?>("deploycard.deployment", p.Key.Deployment), new("deploycard.pod.phase", p.Key.Phase.ToString().ToLowerInvariant())));
}
