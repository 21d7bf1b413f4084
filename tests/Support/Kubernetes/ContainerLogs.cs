using System.Globalization;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>Container logs of all pods as a node keeps them: timestamped lines, by pod and run.</summary>
public sealed class ContainerLogs
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, List<Run>> pods = [];
    private readonly HashSet<string> waiting = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Changed
    {
        get
        {
            lock (sync)
                return changed.Task;
        }
    }

    public void BeginRun(string pod)
    {
        lock (sync)
        {
            if (!pods.TryGetValue(pod, out var runs))
                pods[pod] = runs = [];
            runs.Add(new());
            waiting.Remove(pod);
            Signal();
        }
    }

    /// <summary>
    /// Notes that the next run waits for its backoff. Until that run begins, the ended run is both the current and the previous run.
    /// </summary>
    public void BeginBackoff(string pod)
    {
        lock (sync)
            waiting.Add(pod);
    }

    /// <summary>Writes a line of the current run.</summary>
    /// <param name="pod">The name of the pod.</param>
    /// <param name="text">The text without a line end.</param>
    /// <param name="at">The timestamp of the line; null for the current time.</param>
    /// <param name="hasEnd">Whether a line end follows; a last line may lack it.</param>
    public void Write(string pod, string text, DateTimeOffset? at = null, bool hasEnd = true)
    {
        lock (sync)
        {
            pods[pod][^1].Lines.Add((at ?? TimeProvider.System.GetUtcNow(), hasEnd ? $"{text}\n" : text));
            Signal();
        }
    }

    /// <summary>
    /// Rotates the log file of the current run. New requests read the next file, while followers stay on the old file, as with kubelet
    /// 1.20.
    /// </summary>
    public void Rotate(string pod)
    {
        lock (sync)
            pods[pod][^1] = new() { PreviousFile = pods[pod][^1] };
    }

    public void EndRun(string pod)
    {
        lock (sync)
        {
            for (var run = pods.GetValueOrDefault(pod)?[^1]; run is not null; run = run.PreviousFile)
                run.IsEnded = true;
            Signal();
        }
    }

    public void Wake()
    {
        lock (sync)
            Signal();
    }

    /// <summary>Returns the run that a request reads; null if it does not exist. A follower stays with its run.</summary>
    public Run? Find(string pod, bool previous)
    {
        lock (sync)
            return pods.TryGetValue(pod, out var runs)
                ? runs.ElementAtOrDefault(runs.Count - (previous && !waiting.Contains(pod) ? 2 : 1))
                : null;
    }

    /// <summary>Returns lines of a run.</summary>
    /// <param name="run">The run to read.</param>
    /// <param name="from">The index of the first line.</param>
    /// <param name="since">The minimum timestamp of the lines.</param>
    /// <returns>The lines, the index of the next line, and whether the run has ended.</returns>
    public (List<string> Lines, int Next, bool IsEnded) Read(Run run, int from, DateTimeOffset since)
    {
        lock (sync)
            return ([.. run.Lines.Skip(from).Where(line => line.At >= since).Select(Format)], run.Lines.Count, run.IsEnded);
    }

    /// <summary>Formats a line with a timestamp in nanoseconds, as nodes do.</summary>
    private static string Format((DateTimeOffset At, string Text) line) =>
        $"{line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture)}00Z {line.Text}";

    private void Signal()
    {
        changed.TrySetResult();
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public sealed class Run
    {
        public List<(DateTimeOffset At, string Text)> Lines { get; } = [];

        public bool IsEnded { get; set; }

        /// <summary>Previous file of the same run, before rotation; null for the first file.</summary>
        public Run? PreviousFile { get; init; }
    }
}
