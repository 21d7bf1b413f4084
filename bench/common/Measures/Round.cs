using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Common.Measures;

/// <summary>
/// Measurements taken in quick succession, one per target. Ratios are computed within a round only, because the speed of a shared
/// machine changes over time.
/// </summary>
/// <param name="Results">Measurements by the name of the target.</param>
internal sealed record Round(IReadOnlyDictionary<string, Measurement> Results)
{
    /// <summary>Returns the value of DeployCard divided by the value of a peer.</summary>
    public double RatioTo(string peer, Func<Measurement, double> value) => value(Results[Target.DeployCard]) / value(Results[peer]);
}
