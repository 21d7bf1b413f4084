using System.Globalization;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>A row of the table of faults of a cluster.</summary>
/// <param name="Fault">What went wrong.</param>
/// <param name="Times">How often.</param>
/// <param name="Seed">What its random numbers began with.</param>
/// <param name="Acknowledged">Calls that were stored.</param>
/// <param name="Lost">Calls that got a 202 and are gone, or never ended.</param>
/// <param name="Extra">Attempts beyond the one that each call needs and those that were to fail.</param>
/// <param name="Answers">Synchronous requests.</param>
/// <param name="Excused">Those that failed because they were under way there and then.</param>
/// <param name="Errors">Those that failed without that excuse.</param>
/// <param name="Recovery">From each fault until a new call was accepted and completed.</param>
internal sealed record FaultRow(
    string Fault,
    int Times,
    int Seed,
    int Acknowledged,
    int Lost,
    int Extra,
    int Answers,
    int Excused,
    int Errors,
    IReadOnlyList<TimeSpan> Recovery
)
{
    private const string Head = """
        | fault | times | seed | calls acknowledged | lost | extra attempts | synchronous requests | failed under way or at the dead silo | failed otherwise | recovered after, s: median, longest |
        |---|---|---|---|---|---|---|---|---|---|
        """;

    public static FaultRow Of(string fault, CrashFindings found, SteadyClients clients, IReadOnlyList<TimeSpan> recovery)
    {
        var row = found.Row(fault, recovery.Count);
        return new(
            fault,
            recovery.Count,
            row.Seed,
            row.Accepted,
            row.Lost,
            row.Extra,
            clients.Count,
            clients.Excused,
            clients.Errors.Count,
            recovery
        );
    }

    /// <summary>Prints it (<c>dotnet test --output Detailed</c> shows it), and adds it to the file that <c>DEPLOYCARD_TEST_TABLE</c> names.</summary>
    public Task Add(CancellationToken cancellationToken) => CrashTable.Add(Head, ToString(), cancellationToken);

    public override string ToString()
    {
        var sorted = Recovery.Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Fault} | {Times} | {Seed} | {Acknowledged} | {Lost} | {Extra} | {Answers} | {Excused} | {Errors} | {sorted[sorted.Count / 2].TotalSeconds:0.0}, {sorted[^1].TotalSeconds:0.0} |"
        );
    }
}
