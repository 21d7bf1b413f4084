using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeployCard.Grains.Telemetry;

namespace DeployCard.Grains.Callbacks;

/// <summary>What becomes of callbacks (meter <c>DeployCard.Callbacks</c>), by deployment.</summary>
internal sealed class CallbackMetrics
{
    public const string MeterName = "DeployCard.Callbacks";

    private readonly DeploymentTag tag = new();
    private readonly Histogram<double> deliveries;
    private readonly Counter<long> givenUp;

    public CallbackMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        deliveries = meter.CreateHistogram(
            "deploycard.callback.delivery.duration",
            "s",
            "Time that one delivery of a callback took.",
            null,
            Buckets.Requests
        );
        givenUp = meter.CreateCounter<long>("deploycard.callback.given_up", "{callback}", "Callbacks whose receiver never took them.");
    }

    /// <summary>A delivery has come to its end.</summary>
    public void Delivered(string deployment, CallbackTry made)
    {
        var tags = new TagList
        {
            tag.Of(deployment),
            { "deploycard.callback.outcome", made.Answer.Error is null ? "delivered" : "failed" },
        };
        deliveries.Record(made.Duration.TotalSeconds, tags);
        // The series is there from here on: one that first appears with a 1 is no increase to who looks for one.
        givenUp.Add(0, tag.Of(deployment));
    }

    /// <summary>It is not tried any more.</summary>
    public void GivenUp(string deployment) => givenUp.Add(1, tag.Of(deployment));
}
