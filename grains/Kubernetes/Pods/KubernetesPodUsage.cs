using System.Net;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.Kubernetes.Settings;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Pods;

/// <summary>
/// Resource usage of pods from the metrics API. Each silo reports the pods of the deployments whose grains it hosts. Without the metrics
/// API, pods are reported without usage.
/// </summary>
internal sealed partial class KubernetesPodUsage(
    KubernetesConnection connection,
    PodTable table,
    IOptions<KubernetesOptions> options,
    TimeProvider time,
    ILogger<KubernetesPodUsage> logger
) : IPodUsage
{
    // The metrics server measures every 15 s by default.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private Dictionary<string, (double Cores, long Bytes)> measured = [];
    private long? measuredAt;
    private bool isUnavailable;

    public async Task<IReadOnlyList<PodUsage>> Measure(CancellationToken cancellationToken)
    {
        var pods = table
            .All.Select(pod => table.Find(new(pod.Metadata.Name))?.Observation)
            .OfType<PodObservation>()
            .Where(pod => table.IsWatched(pod.Deployment))
            .ToList();
        if (pods.Count > 0 && !(measuredAt is { } at && time.GetElapsedTime(at) < Freshness))
            await Refresh(cancellationToken);
        return [.. pods.Select(pod => ToUsage(pod, measured.TryGetValue(pod.Name.Value, out var used) ? used : null))];
    }

    private async Task Refresh(CancellationToken cancellationToken)
    {
        measuredAt = time.GetTimestamp();
        try
        {
            var list = await connection.Client.CustomObjects.ListNamespacedCustomObjectAsync<PodMetricsList>(
                "metrics.k8s.io",
                "v1beta1",
                connection.Namespace,
                "pods",
                labelSelector: PodLabels.CreateSelector(options.Value.Installation),
                cancellationToken: cancellationToken
            );
            measured = list
                .Items.GroupBy(pod => pod.Metadata.Name)
                .ToDictionary(pod => pod.Key, pod => Sum(pod.SelectMany(part => part.Containers)));
            isUnavailable = false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            measured = [];
            if (!isUnavailable)
                LogMetricsUnavailable(
                    logger,
                    e is HttpOperationException { Response.StatusCode: HttpStatusCode.NotFound }
                        ? "the cluster does not provide it"
                        : e.Message
                );
            isUnavailable = true;
        }
    }

    private static (double Cores, long Bytes) Sum(IEnumerable<ContainerMetrics> containers) =>
        containers.Aggregate(
            (Cores: 0.0, Bytes: 0L),
            (sum, container) => (sum.Cores + Value(container, "cpu"), sum.Bytes + (long)Value(container, "memory"))
        );

    private static double Value(ContainerMetrics container, string resource) =>
        container.Usage.TryGetValue(resource, out var used) ? used.ToDouble() : 0;

    private static PodUsage ToUsage(PodObservation pod, (double Cores, long Bytes)? used) =>
        new(pod.Deployment, pod.Name, pod.Phase is PodPhase.Ready, used?.Cores, used?.Bytes);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "CPU and memory usage of pods is unknown because the metrics API (metrics.k8s.io) is unavailable: {Reason}; "
            + "no other function needs this API"
    )]
    private static partial void LogMetricsUnavailable(ILogger logger, string reason);
}
