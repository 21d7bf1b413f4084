using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.Callbacks;

namespace DeployCard.Domain.Callbacks;

/// <summary>Metrics of callback deliveries by deployment (meter <c>DeployCard.Callbacks</c>).</summary>
internal sealed class CallbackMetrics
{
    public const string MeterName = "DeployCard.Callbacks";

    private readonly DeploymentTag tag = new();
    private readonly Histogram<double> deliveries;
    private readonly Counter<long> abandoned;

    public CallbackMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        deliveries = meter.CreateHistogram(
            "deploycard.callback.delivery.duration",
            "s",
            "Duration of a delivery of a callback.",
            null,
            HistogramBuckets.RequestDurations
        );
        abandoned = meter.CreateCounter<long>("deploycard.callback.abandoned", "{callback}", "Number of abandoned callbacks.");
    }

    /// <summary>Records the duration and the outcome of a delivery.</summary>
    public void RecordDelivery(string deployment, DeliveryAttempt attempt)
    {
        var tags = new TagList
        {
            tag.For(deployment),
            { "deploycard.callback.outcome", attempt.Result.Error is null ? "delivered" : "failed" },
        };
        deliveries.Record(attempt.Duration.TotalSeconds, tags);
        // Creates the series at 0 so that increase() sees the first increment.
        abandoned.Add(0, tag.For(deployment));
    }

    /// <summary>Counts a callback that is abandoned.</summary>
    public void RecordAbandoned(string deployment) => abandoned.Add(1, tag.For(deployment));
}
