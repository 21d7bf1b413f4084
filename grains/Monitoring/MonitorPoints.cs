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
        var (latency, asyncLatency, coldStart, pods) = (
            new LatencySum(),
            new LatencySum(),
            new LatencySum(),
            new Dictionary<PodName, PodSeries>()
        );
        for (var i = 0; i < points.Length; i++)
        {
            var first = range.From + ((long)i * range.Step);
            var time = MinuteBucket.TimeOf(first);
            var figures = new long[Figures.Count];
            var ready = 0;
            for (var minute = first; minute < first + range.Step; minute++)
            {
                if (find(minute) is not { } bucket)
                    continue;
                Figures.AddMinute(figures, bucket.Figures);
                latency.Add(bucket.Latency);
                asyncLatency.Add(bucket.AsyncLatency);
                coldStart.Add(bucket.ColdStart);
                ready = Math.Max(ready, Measured(pods, time, bucket.Pods));
            }

            points[i] = new(
                time,
                TimeSpan.FromMinutes(range.Step),
                figures,
                latency.TakeFigures(),
                asyncLatency.TakeFigures(),
                ready,
                coldStart.TakeFigures()
            );
        }

        return new(MinuteBucket.TimeOf(range.From), MinuteBucket.TimeOf(range.To), TimeSpan.FromMinutes(range.Step), points, Pods(pods));
    }

    /// <summary>Adds what was measured in a minute. How many of the pods were ready.</summary>
    private static int Measured(Dictionary<PodName, PodSeries> series, DateTimeOffset time, IReadOnlyList<PodMinute> pods)
    {
        var ready = 0;
        foreach (var pod in pods)
        {
            ready += pod.IsReady ? 1 : 0;
            if (!series.TryGetValue(pod.Pod, out var points))
                series[pod.Pod] = points = new();
            points.Add(time, pod);
        }

        return ready;
    }

    private static IReadOnlyList<MonitorPod> Pods(Dictionary<PodName, PodSeries> series) =>
        [
            .. series
                .Select(pod => new MonitorPod(pod.Key, pod.Value.Take()))
                .OrderByDescending(pod => pod.Points[^1].Time)
                .Take(MostPods)
                .OrderBy(pod => pod.Points[0].Time)
                .ThenBy(pod => pod.Pod.Value, StringComparer.Ordinal),
        ];

    /// <summary>The points of one pod, as its minutes come in their order.</summary>
    private sealed class PodSeries
    {
        private readonly List<PodPoint> points = [];
        private DateTimeOffset? time;
        private bool isReady;
        private long samples;
        private long milliCores;
        private long mostMilliCores;
        private long mostMemory;

        public void Add(DateTimeOffset step, PodMinute minute)
        {
            if (step != time)
                Begin(step);
            isReady = minute.IsReady;
            samples += minute.Samples;
            milliCores += minute.MilliCores;
            mostMilliCores = Math.Max(mostMilliCores, minute.MostMilliCores);
            mostMemory = Math.Max(mostMemory, minute.MostMemory);
        }

        public List<PodPoint> Take()
        {
            Begin(null);
            return points;
        }

        private void Begin(DateTimeOffset? step)
        {
            if (time is { } begun)
            {
                points.Add(
                    new(
                        begun,
                        isReady,
                        samples > 0 ? milliCores / 1000.0 / samples : null,
                        samples > 0 ? mostMilliCores / 1000.0 : null,
                        mostMemory > 0 ? mostMemory : null
                    )
                );
            }

            (time, samples, milliCores, mostMilliCores, mostMemory) = (step, 0, 0, 0, 0);
        }
    }
}
