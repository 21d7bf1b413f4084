namespace DeployCard.Bench.Common.Reports;

/// <summary>What a number has to reach.</summary>
internal sealed record Bar(string What, double Limit, bool IsLeast, string Format)
{
    public static Bar AtLeast(string what, double limit, string format = "0.00") => new(what, limit, true, format);

    public static Bar AtMost(string what, double limit, string format = "0.00") => new(what, limit, false, format);

    public string Judge(Spread measured)
    {
        var isReached = IsLeast ? measured.Median >= Limit : measured.Median <= Limit;
        return $"{What}: {measured.ToString(Format)}, bar at {(IsLeast ? "least" : "most")} {Limit.ToString(Format)}: {(isReached ? "reached" : "MISSED")}";
    }
}
