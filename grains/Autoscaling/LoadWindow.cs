using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Autoscaling;

/// <summary>
/// What the gateways reported of late. A report holds until the next one of its gateway, or until the gateway's silence says that it is
/// gone. Reports count from when they arrive: the clocks of gateways need not agree, theirs only tells the order of reports of one gateway.
/// </summary>
internal sealed class LoadWindow(AutoscalerOptions options)
{
    private const int SlicesOfPanicWindow = 6;

    private readonly Dictionary<string, (LoadReport Report, DateTimeOffset At)> latest = [];
    private readonly LoadSeries inFlight = new(options.StableWindow, options.PanicWindow / SlicesOfPanicWindow);
    private readonly LoadSeries waiting = new(options.PanicWindow, options.PanicWindow / SlicesOfPanicWindow);
    private DateTimeOffset? since;
    private DateTimeOffset lastAt;
    private DateTimeOffset settledTo;
    private DateTimeOffset? lastUse;

    /// <summary>Takes a report in. One that is older than the gateway's last one is dropped.</summary>
    public void Add(LoadReport report, DateTimeOffset now)
    {
        if (latest.TryGetValue(report.Gateway, out var before) && before.Report.At > report.At)
            return;
        Settle(now);
        // After a whole window without any report the averages begin anew: they are those of the time since.
        if (since is null || now - lastAt > options.StableWindow)
            since = now;
        latest[report.Gateway] = (report, lastAt = now);
        NoteUse(report.InFlight + report.Waiting > 0 || report.LastRequestAt > now ? now : report.LastRequestAt);
    }

    /// <summary>Notes that there was a request.</summary>
    public void NoteUse(DateTimeOffset at) => lastUse = lastUse > at ? lastUse : at;

    /// <summary>Forgets when the last request was.</summary>
    public void ForgetUse() => lastUse = null;

    /// <summary>The load now and of late.</summary>
    public LoadFigures Figures(DateTimeOffset now)
    {
        Settle(now);
        var (have, wait) = (latest.Values.Sum(r => r.Report.InFlight), latest.Values.Sum(r => r.Report.Waiting));
        return new(
            have,
            wait,
            Average(inFlight, options.StableWindow, now, have),
            Average(inFlight, options.PanicWindow, now, have),
            Average(waiting, options.PanicWindow, now, wait),
            lastUse,
            since is { } begin ? now - begin : TimeSpan.Zero
        );
    }

    /// <summary>The pods that have requests, as far as gateways have told.</summary>
    public IReadOnlySet<PodName> BusyPods(DateTimeOffset now)
    {
        Settle(now);
        return latest.Values.SelectMany(r => r.Report.BusyPods).ToHashSet();
    }

    private double Average(LoadSeries series, TimeSpan window, DateTimeOffset now, int present)
    {
        if (since is not { } begin)
            return 0;
        var from = now - window > begin ? now - window : begin;
        return now > from ? series.Area(from, now) / (now - from).Ticks : present;
    }

    /// <summary>Counts what the reports say up to now, and forgets gateways that have fallen silent.</summary>
    private void Settle(DateTimeOffset now)
    {
        if (latest.Count > 0)
        {
            var from = now - settledTo > options.StableWindow ? now - options.StableWindow : settledTo;
            foreach (var (begin, end) in inFlight.Cut(from, now))
            {
                inFlight.Add(begin, end, latest.Values.Sum(r => r.Report.InFlight * Held(r.At, begin, end)));
                waiting.Add(begin, end, latest.Values.Sum(r => r.Report.Waiting * Held(r.At, begin, end)));
            }
        }

        settledTo = now > settledTo ? now : settledTo;
        foreach (var (gateway, (_, at)) in latest)
        {
            if (now - at > options.ReportTimeout)
                latest.Remove(gateway);
        }
    }

    /// <summary>How many ticks of a span a report holds.</summary>
    private double Held(DateTimeOffset at, DateTimeOffset from, DateTimeOffset to)
    {
        var end = at + options.ReportTimeout;
        return Math.Max(0, ((end < to ? end : to) - from).Ticks);
    }
}
