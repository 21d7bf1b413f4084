using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.Monitoring;

/// <summary>Merges minutes into the points of a query.</summary>
internal static class MonitorPoints
{
    /// <summary>Maximum number of pods in a view. A range of several days may contain thousands.</summary>
    private const int MaxPods = 200;

    /// <summary>Creates the points of a range.</summary>
    /// <param name="range">The minutes and the step of the points.</param>
    /// <param name="find">Returns the data of a minute; null if the minute has no data.</param>
    public static MonitorView CreateView(MonitorRange range, Func<long, MinuteBucket?> find)
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
            var time = MinuteBucket.StartOf(first);
            var counters = new long[TrafficCounters.Count];
            var ready = 0;
            for (var minute = first; minute < first + range.Step; minute++)
            {
                if (find(minute) is not { } bucket)
                    continue;
                TrafficCounters.AddMinute(counters, bucket.Counters);
                latency.Add(bucket.Latency);
                asyncLatency.Add(bucket.AsyncLatency);
                coldStart.Add(bucket.ColdStart);
                ready = Math.Max(ready, AddPods(pods, time, bucket.Pods));
            }

            points[i] = new(
                time,
                TimeSpan.FromMinutes(range.Step),
                [.. counters],
                latency.DrainPercentiles(),
                asyncLatency.DrainPercentiles(),
                ready,
                coldStart.DrainPercentiles()
            );
        }

        return new(
            MinuteBucket.StartOf(range.From),
            MinuteBucket.StartOf(range.To),
            TimeSpan.FromMinutes(range.Step),
            [.. points],
            [.. Pods(pods)]
        );
    }

    /// <summary>Adds the pod measurements of one minute. Returns the number of ready pods.</summary>
    private static int AddPods(Dictionary<PodName, PodSeries> series, DateTimeOffset time, IReadOnlyList<PodMinute> pods)
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
                .Select(pod => new MonitorPod(pod.Key, [.. pod.Value.Complete()]))
                .OrderByDescending(pod => pod.Points[^1].Time)
                .Take(MaxPods)
                .OrderBy(pod => pod.Points[0].Time)
                .ThenBy(pod => pod.Pod.Value, StringComparer.Ordinal),
        ];

    /// <summary>Collects the points of one pod from its minutes, which are added in ascending order.</summary>
    private sealed class PodSeries
    {
        private readonly List<PodPoint> points = [];
        private DateTimeOffset? time;
        private bool isReady;
        private long samples;
        private long milliCores;
        private long maxMilliCores;
        private long maxMemory;

        public void Add(DateTimeOffset step, PodMinute minute)
        {
            if (step != time)
                StartStep(step);
            isReady = minute.IsReady;
            samples += minute.Samples;
            milliCores += minute.MilliCores;
            maxMilliCores = Math.Max(maxMilliCores, minute.MaxMilliCores);
            maxMemory = Math.Max(maxMemory, minute.MaxMemoryBytes);
        }

        public List<PodPoint> Complete()
        {
            StartStep(null);
            return points;
        }

        private void StartStep(DateTimeOffset? step)
        {
            if (time is { } begin)
            {
                points.Add(
                    new(
                        begin,
                        isReady,
                        samples > 0 ? milliCores / 1000.0 / samples : null,
                        samples > 0 ? maxMilliCores / 1000.0 : null,
                        maxMemory > 0 ? maxMemory : null
                    )
                );
            }

            (time, samples, milliCores, maxMilliCores, maxMemory) = (step, 0, 0, 0, 0);
        }
    }
}
