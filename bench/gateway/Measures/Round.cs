using DeployCard.Bench.Gateway.Load;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>What was measured shortly after one another: only these are compared, because a machine has better and worse minutes.</summary>
internal sealed record Round(IReadOnlyDictionary<string, WrkResult> Results)
{
    public double ThroughputAgainst(string peer) => Results[Target.DeployCard].RequestsPerSecond / Results[peer].RequestsPerSecond;

    public double P99Against(string peer) => (double)Results[Target.DeployCard].P99 / Results[peer].P99;
}
