using System.Net;
using DeployCard.Grains.Pods;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>What pods use, by the metrics API. Each silo tells of those pods whose deployments it has. Without that API their number is told, and no more.</summary>
internal sealed partial class KubernetesPodUsage(
    KubernetesConnection connection,
    PodTable table,
    IOptions<KubernetesOptions> options,
    TimeProvider time,
    ILogger<KubernetesPodUsage> logger
) : IPodUsage
{
    // By custom the platform measures every 15 s.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private Dictionary<string, (double Cores, long Bytes)> measured = [];
    private long? measuredAt;
    private bool isToldAbsent;

    public async Task<IReadOnlyList<PodUsage>> Measure(CancellationToken cancellationToken)
    {
        var pods = table
            .All.Select(pod => table.Find(new(pod.Metadata.Name))?.Seen)
            .OfType<PodObservation>()
            .Where(pod => table.IsWatched(pod.Deployment))
            .ToList();
        if (pods.Count > 0 && !(measuredAt is { } at && time.GetElapsedTime(at) < Freshness))
            await Ask(cancellationToken);
        return [.. pods.Select(pod => Of(pod, measured.TryGetValue(pod.Name.Value, out var used) ? used : null))];
    }

    private async Task Ask(CancellationToken cancellationToken)
    {
        measuredAt = time.GetTimestamp();
        try
        {
            var list = await connection.Client.CustomObjects.ListNamespacedCustomObjectAsync<PodMetricsList>(
                "metrics.k8s.io",
                "v1beta1",
                connection.Namespace,
                "pods",
                labelSelector: PodLabels.Selector(options.Value.Installation),
                cancellationToken: cancellationToken
            );
            measured = list
                .Items.GroupBy(pod => pod.Metadata.Name)
                .ToDictionary(pod => pod.Key, pod => Sum(pod.SelectMany(part => part.Containers)));
            isToldAbsent = false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            measured = [];
            if (!isToldAbsent)
                LogAbsent(
                    logger,
                    e is HttpOperationException { Response.StatusCode: HttpStatusCode.NotFound }
                        ? "the cluster does not have it"
                        : e.Message
                );
            isToldAbsent = true;
        }
    }

    private static (double Cores, long Bytes) Sum(IEnumerable<ContainerMetrics> containers) =>
        containers.Aggregate(
            (Cores: 0.0, Bytes: 0L),
            (sum, container) => (sum.Cores + Value(container, "cpu"), sum.Bytes + (long)Value(container, "memory"))
        );

    private static double Value(ContainerMetrics container, string resource) =>
        container.Usage.TryGetValue(resource, out var used) ? used.ToDouble() : 0;

    private static PodUsage Of(PodObservation pod, (double Cores, long Bytes)? used) =>
        new(pod.Deployment, pod.Name, pod.Phase is PodPhase.Ready, used?.Cores, used?.Bytes);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "What pods use of processors and memory is not known: the metrics API (metrics.k8s.io) does not answer, {Why}. All else works without it"
    )]
    private static partial void LogAbsent(ILogger logger, string why);
}
