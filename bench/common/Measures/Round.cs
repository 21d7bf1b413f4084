using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Common.Measures;

/// <summary>What was measured shortly after one another: only these are compared, because a machine has better and worse minutes.</summary>
internal sealed record Round(IReadOnlyDictionary<string, Measurement> Results)
{
    /// <summary>A number of ours divided by a peer's.</summary>
    public double Against(string peer, Func<Measurement, double> value) => value(Results[Target.DeployCard]) / value(Results[peer]);
}
