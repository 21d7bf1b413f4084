using System.Globalization;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>What containers wrote, by pod and run, as a node keeps it: each line with its time, the present run and the one before.</summary>
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

    public void Begin(string pod)
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

    /// <summary>The run has ended and the next one is put off: until then the last one is also the one before.</summary>
    public void Wait(string pod)
    {
        lock (sync)
            waiting.Add(pod);
    }

    /// <param name="pod">Whose line it is.</param>
    /// <param name="text">The line.</param>
    /// <param name="at">When it was written; none: now.</param>
    /// <param name="hasEnd">Whether it ends; a last line may not.</param>
    public void Write(string pod, string text, DateTimeOffset? at = null, bool hasEnd = true)
    {
        lock (sync)
        {
            pods[pod][^1].Lines.Add((at ?? TimeProvider.System.GetUtcNow(), hasEnd ? $"{text}\n" : text));
            Signal();
        }
    }

    /// <summary>
    /// The node puts the file away that its log has become too large for. What is read from then on begins with the next one, and who follows the old
    /// one is left there, as a kubelet 1.20 does it.
    /// </summary>
    public void Rotate(string pod)
    {
        lock (sync)
            pods[pod][^1] = new() { Before = pods[pod][^1] };
    }

    public void End(string pod)
    {
        lock (sync)
        {
            for (var run = pods.GetValueOrDefault(pod)?[^1]; run is not null; run = run.Before)
                run.IsEnded = true;
            Signal();
        }
    }

    public void Wake()
    {
        lock (sync)
            Signal();
    }

    /// <summary>The run that a request means; null for none such. A follower stays with its run.</summary>
    public Run? Find(string pod, bool previous)
    {
        lock (sync)
            return pods.TryGetValue(pod, out var runs)
                ? runs.ElementAtOrDefault(runs.Count - (previous && !waiting.Contains(pod) ? 2 : 1))
                : null;
    }

    /// <summary>The lines of a run from a place on, from a whole second on, and whether there can be no more.</summary>
    public (List<string> Lines, int Next, bool IsEnded) Read(Run run, int from, DateTimeOffset since)
    {
        lock (sync)
            return ([.. run.Lines.Skip(from).Where(line => line.At >= since).Select(Stamped)], run.Lines.Count, run.IsEnded);
    }

    /// <summary>With nine digits of a second, as nodes do.</summary>
    private static string Stamped((DateTimeOffset At, string Text) line) =>
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

        /// <summary>The file of the same run that was put away before this one.</summary>
        public Run? Before { get; init; }
    }
}
