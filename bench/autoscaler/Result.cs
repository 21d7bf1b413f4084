namespace DeployCard.Bench.Scaling;

/// <summary>What came of a trace.</summary>
/// <param name="Trace">Its name.</param>
/// <param name="Waits">How long each request waited for a place in a pod, in seconds.</param>
/// <param name="ColdRequests">Requests that came while no pod was ready.</param>
/// <param name="Starts">Pods that were started.</param>
/// <param name="MostPods">The most pods at once.</param>
/// <param name="Seconds">How long the trace is.</param>
/// <param name="PodSeconds">Pods over time, those that start or drain too.</param>
/// <param name="Optimum">The optimum's.</param>
internal sealed record Result(
    string Trace,
    List<double> Waits,
    int ColdRequests,
    int Starts,
    int MostPods,
    double Seconds,
    double PodSeconds,
    double Optimum
)
{
    public const string Header = """
        | trace | requests | pods mean | pods max | pod starts | cold requests | wait p50 | wait p99 | wait max | pod-seconds | optimum | ratio |
        |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
        """;

    public override string ToString()
    {
        Waits.Sort();
        return $"| {Trace} | {Waits.Count:N0} | {PodSeconds / Seconds:0.0} | {MostPods} | {Starts} | {ColdRequests:N0} | {Wait(0.5)} | {Wait(0.99)} | {Wait(1)} "
            + $"| {PodSeconds:N0} | {Optimum:N0} | {PodSeconds / Optimum:0.00} |";
    }

    private string Wait(double share) => Waits.Count == 0 ? "–" : $"{Waits[(int)Math.Ceiling(share * Waits.Count) - 1]:0.00} s";
}
