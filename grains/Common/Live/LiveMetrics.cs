using System.Diagnostics.Metrics;

namespace DeployCard.Common.Live;

/// <summary>
/// Counts the open subscriptions to streams of this silo's grains (meter <c>DeployCard.Live</c>). A value that only grows reveals a leak.
/// </summary>
internal static class LiveMetrics
{
    public const string MeterName = "DeployCard.Live";
    public const string SubscribersName = "deploycard.live.subscribers";

    private static readonly Meter Meter = new(MeterName);

    private static readonly UpDownCounter<int> Watchers = Meter.CreateUpDownCounter<int>(
        SubscribersName,
        "{subscriber}",
        "Number of open subscriptions to streams of grains."
    );

    public static void SubscriberAdded() => Watchers.Add(1);

    public static void SubscriberRemoved() => Watchers.Add(-1);
}
