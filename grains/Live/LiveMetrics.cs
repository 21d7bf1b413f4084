using System.Diagnostics.Metrics;

namespace DeployCard.Grains.Live;

/// <summary>How many readers the streams of this silo's grains have (meter <c>DeployCard.Live</c>): what a reader that has gone would leave behind.</summary>
internal static class LiveMetrics
{
    public const string MeterName = "DeployCard.Live";
    public const string WatchersName = "deploycard.live.watchers";

    private static readonly Meter Meter = new(MeterName);

    private static readonly UpDownCounter<int> Watchers = Meter.CreateUpDownCounter<int>(
        WatchersName,
        "{watcher}",
        "Readers of grains' streams."
    );

    public static void Came() => Watchers.Add(1);

    public static void Went() => Watchers.Add(-1);
}
