namespace DeployCard.Bench.Scaling;

/// <summary>Result of the simulation of a trace; formatted as a row of the Markdown table.</summary>
/// <param name="Trace">Name of the trace.</param>
/// <param name="Waits">Time that each request waited for a free slot of a pod, in seconds.</param>
/// <param name="ColdRequests">Number of requests that arrived while no pod was ready.</param>
/// <param name="Starts">Number of pods that were started.</param>
/// <param name="MaxPods">Maximum number of pods at any time.</param>
/// <param name="Seconds">Length of the trace, in seconds.</param>
/// <param name="PodSeconds">Sum of the lifetimes of the pods within the trace, including start-up and draining, in seconds.</param>
/// <param name="Optimum">Pod-seconds of the optimum, see <see cref="Workload.ComputeOptimum"/>.</param>
internal sealed record Result(
    string Trace,
    List<double> Waits,
    int ColdRequests,
    int Starts,
    int MaxPods,
    double Seconds,
    double PodSeconds,
    double Optimum
)
{
    /// <summary>Header of the Markdown table.</summary>
    public const string Header =
        "| trace | requests | pods mean | pods max | pod starts | cold requests | wait p50 | wait p99 | wait max "
        + "| pod-seconds | optimum | ratio |\n"
        + "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|";

    public override string ToString()
    {
        Waits.Sort();
        return $"| {Trace} | {Waits.Count:N0} | {PodSeconds / Seconds:0.0} | {MaxPods} | {Starts} | {ColdRequests:N0} "
            + $"| {FormatWait(0.5)} | {FormatWait(0.99)} | {FormatWait(1)} "
            + $"| {PodSeconds:N0} | {Optimum:N0} | {PodSeconds / Optimum:0.00} |";
    }

    private string FormatWait(double share) => Waits.Count == 0 ? "–" : $"{Waits[(int)Math.Ceiling(share * Waits.Count) - 1]:0.00} s";
}
