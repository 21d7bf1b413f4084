namespace DeployCard.Bench.Monitoring;

/// <summary>What can be said on the command line, as in <c>--pods 10</c>.</summary>
internal sealed class Arguments
{
    /// <summary>Deployments, each with three full days: as many first queries are measured; half of them are the first of the process too, whose code is compiled meanwhile.</summary>
    public int Deployments { get; set; } = 80;

    /// <summary>Queries of one deployment whose minutes are in memory.</summary>
    public int Queries { get; set; } = 300;

    /// <summary>Requests in each minute.</summary>
    public int Requests { get; set; } = 2_000;

    /// <summary>Pods in each minute.</summary>
    public int Pods { get; set; } = 4;

    public override string ToString() => $"{Deployments} deployments, {Requests:N0} requests in each of 4,320 minutes, {Pods} pods";
}
