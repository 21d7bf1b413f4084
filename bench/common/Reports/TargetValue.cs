namespace DeployCard.Bench.Common.Reports;

/// <summary>Target value that the median of a measured value must reach.</summary>
/// <param name="Label">Name of the value, for the report.</param>
/// <param name="Limit">Limit; a value equal to it reaches the target.</param>
/// <param name="IsMinimum">Whether the limit is a minimum; otherwise it is a maximum.</param>
/// <param name="Format">Number format of the value and the limit.</param>
internal sealed record TargetValue(string Label, double Limit, bool IsMinimum, string Format)
{
    /// <summary>Creates a target with a minimum.</summary>
    public static TargetValue AtLeast(string label, double limit, string format = "0.00") => new(label, limit, true, format);

    /// <summary>Creates a target with a maximum.</summary>
    public static TargetValue AtMost(string label, double limit, string format = "0.00") => new(label, limit, false, format);

    /// <summary>Returns a line with the measured value, the limit and whether the limit is reached.</summary>
    public string Evaluate(Spread measured)
    {
        var isReached = IsMinimum ? measured.Median >= Limit : measured.Median <= Limit;
        return $"{Label}: {measured.ToString(Format)}, target at {(IsMinimum ? "least" : "most")} {Limit.ToString(Format)}: "
            + (isReached ? "reached" : "MISSED");
    }
}
