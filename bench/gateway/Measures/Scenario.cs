namespace DeployCard.Bench.Gateway.Measures;

/// <summary>A load.</summary>
/// <param name="Title">For people.</param>
/// <param name="Path">What is asked for.</param>
/// <param name="Connections">How many at once.</param>
/// <param name="IsBar">Whether the bars are about it.</param>
internal sealed record Scenario(string Title, string Path, int Connections, bool IsBar = false)
{
    public const string Prediction = "/v1/models/bench:predict";

    public static readonly Scenario Bar = new("64 connections, 1 KiB in, 1 KiB out", Prediction, 64, IsBar: true);

    public static readonly IReadOnlyList<Scenario> All =
    [
        Bar,
        new("64 connections, 1 KiB in, 100 KiB out", "/large", 64),
        new("1 connection, 1 KiB in, 1 KiB out", Prediction, 1),
        new("512 connections, 1 KiB in, 1 KiB out", Prediction, 512),
    ];
}
