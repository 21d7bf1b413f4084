using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Storage;
using DeployCard.Grains.Telemetry;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// What becomes of asynchronous calls in this silo (meter <c>DeployCard.AsyncCalls</c>). Each deployment is a value of
/// <c>deploycard.deployment</c>; beyond <see cref="MostDeployments"/> of them all further ones are counted together as <c>_other</c>.
/// </summary>
internal sealed class AsyncCallMetrics
{
    public const string MeterName = "DeployCard.AsyncCalls";

    /// <summary>The most deployments that are told apart in one process.</summary>
    public const int MostDeployments = DeploymentTag.Most;

    private readonly DeploymentTag deployments = new();
    private readonly ConcurrentDictionary<string, QueueSize> queues = new();
    private readonly Counter<long> accepted;
    private readonly Histogram<double> life;
    private readonly Histogram<double> attempts;

    public AsyncCallMetrics(IMeterFactory meters, TimeProvider time)
    {
        var meter = meters.Create(MeterName);
        accepted = meter.CreateCounter<long>("deploycard.async_call.accepted", "{call}", "Asynchronous calls that were accepted.");
        life = meter.CreateHistogram(
            "deploycard.async_call.duration",
            "s",
            "Time from a call's acceptance to its end.",
            null,
            Buckets.Lives
        );
        attempts = meter.CreateHistogram(
            "deploycard.async_call.attempt.duration",
            "s",
            "Time that an attempt took.",
            null,
            Buckets.Requests
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.async_call.open",
            () => Open(queue => queue.Calls),
            "{call}",
            "Calls that have not ended."
        );
        meter.CreateObservableUpDownCounter(
            "deploycard.async_call.open_bytes",
            () => Open(queue => queue.Bytes),
            "By",
            "The bodies of the requests of calls that have not ended."
        );
        meter.CreateObservableGauge(
            "deploycard.async_call.oldest.age",
            () => Ages(time.GetUtcNow()),
            "s",
            "How long the oldest call has been there that waits for a pod; 0 where none waits."
        );
    }

    public void Accepted(string deployment) => accepted.Add(1, Tag(deployment));

    /// <summary>A call has come to its end.</summary>
    public void Ended(CallView call)
    {
        if (call.EndedAt is not { } end)
            return;
        var tags = new TagList { Tag(call.Deployment.Value), { "deploycard.async_call.status", Name(call.Status) } };
        if (call.ErrorCode is { } code)
            tags.Add("error.type", Name(code));
        life.Record((end - call.CreatedAt).TotalSeconds, tags);
    }

    /// <summary>An attempt has come to its end.</summary>
    public void Attempted(string deployment, CallAttempt attempt)
    {
        if (attempt.EndedAt is not { } end)
            return;
        var tags = new TagList { Tag(deployment) };
        if (attempt.StatusCode is { } status)
            tags.Add("http.response.status_code", status);
        if (attempt.ErrorCode is { } code)
            tags.Add("error.type", Name(code));
        attempts.Record((end - attempt.StartedAt).TotalSeconds, tags);
    }

    /// <summary>This silo has the queue of a deployment.</summary>
    public void Has(DeploymentName deployment, QueueSize size) => queues[deployment.Value] = size;

    /// <summary>This silo has it no longer.</summary>
    public void HasNot(DeploymentName deployment, QueueSize size) => queues.TryRemove(new(deployment.Value, size));

    private IEnumerable<Measurement<long>> Open(Func<QueueSize, long> count) =>
        queues
            .GroupBy(queue => deployments.Bounded(queue.Key), queue => count(queue.Value))
            .Select(group => new Measurement<long>(group.Sum(), new KeyValuePair<string, object?>(DeploymentTag.Key, group.Key)));

    private IEnumerable<Measurement<double>> Ages(DateTimeOffset now) =>
        queues
            .GroupBy(
                queue => deployments.Bounded(queue.Key),
                queue => queue.Value.OldestAt is { } at ? Math.Max(0, (now - at).TotalSeconds) : 0
            )
            .Select(group => new Measurement<double>(group.Max(), new KeyValuePair<string, object?>(DeploymentTag.Key, group.Key)));

    private static string Name<T>(T value)
        where T : struct, Enum => EnumText<T>.ToText(value);

    private KeyValuePair<string, object?> Tag(string deployment) => deployments.Of(deployment);
}
