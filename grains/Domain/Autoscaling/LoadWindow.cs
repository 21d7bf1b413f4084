using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.Autoscaling;

/// <summary>
/// Recent load reports of the gateways and the averages over them. A report is valid until the next report of its gateway, or until
/// <see cref="AutoscalerOptions.ReportTimeout"/>. Reports count from their arrival, so the clocks of gateways need not agree; a gateway's
/// clock only orders its own reports.
/// </summary>
internal sealed class LoadWindow(AutoscalerOptions options)
{
    private const int SlicesPerPanicWindow = 6;

    private readonly Dictionary<string, (LoadReport Report, DateTimeOffset At)> latest = [];
    private readonly LoadSeries inFlight = new(options.StableWindow, options.PanicWindow / SlicesPerPanicWindow);
    private readonly LoadSeries waiting = new(options.PanicWindow, options.PanicWindow / SlicesPerPanicWindow);
    private DateTimeOffset? since;
    private DateTimeOffset lastAt;
    private DateTimeOffset advancedTo;
    private DateTimeOffset? lastActivityAt;

    /// <summary>Records a report. A report that is older than the latest report of its gateway is dropped.</summary>
    public void Add(LoadReport report, DateTimeOffset now)
    {
        if (latest.TryGetValue(report.Gateway, out var before) && before.Report.At > report.At)
            return;
        AdvanceTo(now);
        // After a whole window without any report, the averages start over and cover only the time since then.
        if (since is null || now - lastAt > options.StableWindow)
            since = now;
        latest[report.Gateway] = (report, lastAt = now);
        RecordActivity(report.InFlight + report.Waiting > 0 || report.LastRequestAt > now ? now : report.LastRequestAt);
    }

    /// <summary>Records the time of a request.</summary>
    public void RecordActivity(DateTimeOffset at) => lastActivityAt = lastActivityAt > at ? lastActivityAt : at;

    /// <summary>Discards the time of the last request.</summary>
    public void ClearActivity() => lastActivityAt = null;

    /// <summary>Returns the current load and its averages.</summary>
    public LoadSnapshot GetSnapshot(DateTimeOffset now)
    {
        AdvanceTo(now);
        var (have, wait) = (latest.Values.Sum(r => r.Report.InFlight), latest.Values.Sum(r => r.Report.Waiting));
        return new(
            have,
            wait,
            Average(inFlight, options.StableWindow, now, have),
            Average(inFlight, options.PanicWindow, now, have),
            Average(waiting, options.PanicWindow, now, wait),
            lastActivityAt,
            since is { } begin ? now - begin : TimeSpan.Zero
        );
    }

    /// <summary>Returns the names of the pods that have requests, according to the reports that are valid.</summary>
    public IReadOnlySet<PodName> GetBusyPods(DateTimeOffset now)
    {
        AdvanceTo(now);
        return latest.Values.SelectMany(r => r.Report.BusyPods).ToHashSet();
    }

    private double Average(LoadSeries series, TimeSpan window, DateTimeOffset now, int present)
    {
        if (since is not { } begin)
            return 0;
        var from = now - window > begin ? now - window : begin;
        return now > from ? series.GetIntegral(from, now) / (now - from).Ticks : present;
    }

    /// <summary>Adds the load of the valid reports up to now to the series and removes gateways whose report has expired.</summary>
    private void AdvanceTo(DateTimeOffset now)
    {
        if (latest.Count > 0)
        {
            var from = now - advancedTo > options.StableWindow ? now - options.StableWindow : advancedTo;
            foreach (var (begin, end) in inFlight.SplitIntoSlices(from, now))
            {
                inFlight.Add(begin, end, latest.Values.Sum(r => r.Report.InFlight * ValidTicks(r.At, begin, end)));
                waiting.Add(begin, end, latest.Values.Sum(r => r.Report.Waiting * ValidTicks(r.At, begin, end)));
            }
        }

        advancedTo = now > advancedTo ? now : advancedTo;
        foreach (var (gateway, (_, at)) in latest)
        {
            if (now - at > options.ReportTimeout)
                latest.Remove(gateway);
        }
    }

    /// <summary>Returns the number of ticks of a span for which a report is valid.</summary>
    private double ValidTicks(DateTimeOffset at, DateTimeOffset from, DateTimeOffset to)
    {
        var end = at + options.ReportTimeout;
        return Math.Max(0, ((end < to ? end : to) - from).Ticks);
    }
}
