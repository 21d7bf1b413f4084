using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Monitoring;

/// <summary>Merges minutes to points.</summary>
internal static class MonitorPoints
{
    /// <summary>Pods come and go: a range of days may have thousands.</summary>
    private const int MostPods = 200;

    /// <param name="range">Which minutes.</param>
    /// <param name="find">A minute; null where nothing was seen in it.</param>
    public static MonitorView Of(MonitorRange range, Func<long, MinuteBucket?> find)
    {
        var points = new MonitorPoint[range.Points];
        var (latency, asyncLatency, pods) = (new LatencySum(), new LatencySum(), new Dictionary<PodName, List<PodPoint>>());
        for (var i = 0; i < points.Length; i++)
        {
            var first = range.From + ((long)i * range.Step);
            var figures = new long[Figures.Count];
            var ready = 0;
            List<PodMinute>? measured = null;
            for (var minute = first; minute < first + range.Step; minute++)
            {
                if (find(minute) is not { } bucket)
                    continue;
                Figures.AddMinute(figures, bucket.Figures);
                latency.Add(bucket.Latency);
                asyncLatency.Add(bucket.AsyncLatency);
                ready = Math.Max(ready, bucket.Pods.Count(pod => pod.IsReady));
                (measured ??= []).AddRange(bucket.Pods);
            }

            var time = MinuteBucket.TimeOf(first);
            points[i] = new(time, TimeSpan.FromMinutes(range.Step), figures, latency.TakeFigures(), asyncLatency.TakeFigures(), ready);
            AddPods(pods, time, measured);
        }

        return new(MinuteBucket.TimeOf(range.From), MinuteBucket.TimeOf(range.To), TimeSpan.FromMinutes(range.Step), points, Pods(pods));
    }

    private static void AddPods(Dictionary<PodName, List<PodPoint>> pods, DateTimeOffset time, List<PodMinute>? measured)
    {
        if (measured is null or { Count: 0 })
            return;
        foreach (var pod in PodMinute.Merge(measured))
        {
            if (!pods.TryGetValue(pod.Pod, out var points))
                pods[pod.Pod] = points = [];
            var hasCores = pod.Samples > 0;
            points.Add(new(
                time, pod.IsReady, hasCores ? pod.MilliCores / 1000.0 / pod.Samples : null, hasCores ? pod.MostMilliCores / 1000.0 : null,
                pod.MostMemory > 0 ? pod.MostMemory : null));
        }
    }

    private static IReadOnlyList<MonitorPod> Pods(Dictionary<PodName, List<PodPoint>> pods) =>
    [
        .. pods.OrderByDescending(pod => pod.Value[^1].Time).Take(MostPods)
            .OrderBy(pod => pod.Value[0].Time).ThenBy(pod => pod.Key.Value, StringComparer.Ordinal)
            .Select(pod => new MonitorPod(pod.Key, pod.Value)),
    ];
}
