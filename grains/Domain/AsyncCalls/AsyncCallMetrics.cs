using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Common.Telemetry;
using DeployCard.Common.Text;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Metrics of the asynchronous calls in this silo (meter <c>DeployCard.AsyncCalls</c>). The tag <c>deploycard.deployment</c> has the name
/// of the deployment; deployments beyond the first <see cref="MaxDeployments"/> share the value <c>_other</c>.
/// </summary>
internal sealed class AsyncCallMetrics
{
    public const string MeterName = "DeployCard.AsyncCalls";

    /// <summary>Maximum number of deployments with their own tag value in one process.</summary>
    public const int MaxDeployments = DeploymentTag.MaxDeployments;

    private readonly DeploymentTag deployments = new();
    private readonly ConcurrentDictionary<string, QueueUsage> queues = new();
    private readonly Counter<long> accepted;
    private readonly Histogram<double> durations;
    private readonly Histogram<double> attempts;

    public AsyncCallMetrics(IMeterFactory meters, TimeProvider time)
    {
        var meter = meters.Create(MeterName);
        accepted = meter.CreateCounter<long>("deploycard.async_call.accepted", "{call}", "Number of accepted asynchronous calls.");
        durations = meter.CreateHistogram(
            "deploycard.async_call.duration",
            "s",
            "Time from the acceptance of a call to its end.",
            null,
            HistogramBuckets.CallDurations
        );
        attempts = meter.CreateHistogram(
            "deploycard.async_call.attempt.duration",
            "s",
            "Duration of an attempt of a call.",
            null,
            HistogramBuckets.RequestDurations
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.async_call.pending",
            () => MeasureOpen(queue => queue.Calls),
            "{call}",
            "Number of calls that have not ended."
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.async_call.pending.size",
            () => MeasureOpen(queue => queue.Bytes),
            "By",
            "Total size of the request bodies of calls that have not ended."
        );
        meter.CreateObservableGauge(
            "deploycard.async_call.oldest.age",
            () => MeasureAges(time.GetUtcNow()),
            "s",
            "Time since the oldest call that waits for a pod was accepted; 0 if no call waits."
        );
    }

    public void RecordAccepted(string deployment) => accepted.Add(1, CreateTag(deployment));

    /// <summary>Records the duration of a call that has ended.</summary>
    public void RecordEnded(CallView call)
    {
        if (call.EndedAt is not { } end)
            return;
        var tags = new TagList { CreateTag(call.Deployment.Value), { "deploycard.async_call.status", ToText(call.Status) } };
        if (call.ErrorCode is { } code)
            tags.Add("error.type", ToText(code));
        durations.Record((end - call.CreatedAt).TotalSeconds, tags);
    }

    /// <summary>Records the duration of an attempt that has ended.</summary>
    public void RecordAttempt(string deployment, CallAttempt attempt)
    {
        if (attempt.EndedAt is not { } end)
            return;
        var tags = new TagList { CreateTag(deployment) };
        if (attempt.StatusCode is { } status)
            tags.Add("http.response.status_code", status);
        if (attempt.ErrorCode is { } code)
            tags.Add("error.type", ToText(code));
        attempts.Record((end - attempt.StartedAt).TotalSeconds, tags);
    }

    /// <summary>Adds a deployment's queue to the gauges after the queue's grain was activated on this silo.</summary>
    public void TrackQueue(DeploymentName deployment, QueueUsage size) => queues[deployment.Value] = size;

    /// <summary>Removes a deployment's queue from the gauges after the queue's grain was deactivated.</summary>
    public void UntrackQueue(DeploymentName deployment, QueueUsage size) => queues.TryRemove(new(deployment.Value, size));

    private IEnumerable<Measurement<long>> MeasureOpen(Func<QueueUsage, long> count) =>
        queues
            .GroupBy(queue => deployments.GetValue(queue.Key), queue => count(queue.Value))
            .Select(group => new Measurement<long>(group.Sum(), new KeyValuePair<string, object?>(DeploymentTag.Key, group.Key)));

    private IEnumerable<Measurement<double>> MeasureAges(DateTimeOffset now) =>
        queues
            .GroupBy(
                queue => deployments.GetValue(queue.Key),
                queue => queue.Value.OldestPendingAt is { } at ? Math.Max(0, (now - at).TotalSeconds) : 0
            )
            .Select(group => new Measurement<double>(group.Max(), new KeyValuePair<string, object?>(DeploymentTag.Key, group.Key)));

    private static string ToText<T>(T value)
        where T : struct, Enum => EnumText<T>.ToText(value);

    private KeyValuePair<string, object?> CreateTag(string deployment) => deployments.For(deployment);
}
