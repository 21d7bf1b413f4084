namespace DeployCard.Bench.Gateway.Measures;

/// <summary>A load that is applied to every target.</summary>
/// <param name="Title">Title in the report.</param>
/// <param name="Path">Path of the requests.</param>
/// <param name="Connections">Number of concurrent connections.</param>
/// <param name="HasTargetValues">Whether the results are judged against target values.</param>
internal sealed record Scenario(string Title, string Path, int Connections, bool HasTargetValues = false)
{
    public const string Prediction = "/v1/models/bench:predict";

    public static readonly Scenario Main = new("64 connections, 1 KiB in, 1 KiB out", Prediction, 64, HasTargetValues: true);

    public static readonly IReadOnlyList<Scenario> All =
    [
        Main,
        new("64 connections, 1 KiB in, 100 KiB out", "/large", 64),
        new("1 connection, 1 KiB in, 1 KiB out", Prediction, 1),
        new("512 connections, 1 KiB in, 1 KiB out", Prediction, 512),
    ];
}
