namespace DeployCard.Bench.Monitoring;

/// <summary>Command-line arguments, for example <c>--pods 10</c>.</summary>
internal sealed class Arguments
{
    /// <summary>
    /// Number of deployments with three full days of minutes; default 80. The first query of each deployment is measured. Queries of the
    /// first half of the deployments are reported separately because they include JIT compilation.
    /// </summary>
    public int Deployments { get; set; } = 80;

    /// <summary>Number of queries of a deployment whose minutes are in memory, for each step; default 300.</summary>
    public int Queries { get; set; } = 300;

    /// <summary>Number of requests in each minute, for each of the two latency histograms; default 2,000.</summary>
    public int Requests { get; set; } = 2_000;

    /// <summary>Number of pods in each minute; default 4.</summary>
    public int Pods { get; set; } = 4;

    public override string ToString() => $"{Deployments} deployments, {Requests:N0} requests in each of 4,320 minutes, {Pods} pods";
}
