using System.Globalization;
using DeployCard.EndToEnd.Tests.Support.Crash;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>A row of the table of cluster faults.</summary>
/// <param name="Fault">Description of the fault.</param>
/// <param name="Times">Number of times the fault was injected.</param>
/// <param name="Seed">Seed of the random numbers.</param>
/// <param name="Acknowledged">Number of stored calls.</param>
/// <param name="Lost">Number of calls that got a 202 but were not stored.</param>
/// <param name="Extra">
/// Number of additional attempts: each call needs one attempt, and one for each failure that was requested from the pod.
/// </param>
/// <param name="Requests">Number of synchronous requests.</param>
/// <param name="Excused">Number of synchronous requests that failed because they were in flight at the place and time of a fault.</param>
/// <param name="Errors">Number of synchronous requests that failed for any other reason.</param>
/// <param name="Recovery">Times from each fault until a new call was accepted and completed.</param>
internal sealed record FaultRow(
    string Fault,
    int Times,
    int Seed,
    int Acknowledged,
    int Lost,
    int Extra,
    int Requests,
    int Excused,
    int Errors,
    IReadOnlyList<TimeSpan> Recovery
)
{
    private const string Head =
        "| fault | times | seed | calls acknowledged | lost | extra attempts | synchronous requests | "
        + "failed in flight or at the dead silo | failed otherwise | recovered after, s: median, longest |\n"
        + "|---|---|---|---|---|---|---|---|---|---|";

    public static FaultRow From(string fault, CrashFindings found, SteadyClients clients, IReadOnlyList<TimeSpan> recovery)
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

    /// <summary>
    /// Prints the row (<c>dotnet test --output Detailed</c> shows it) and appends it to the file that <c>DEPLOYCARD_TEST_TABLE</c> names.
    /// </summary>
    public Task Add(CancellationToken cancellationToken) => CrashTable.Add(Head, ToString(), cancellationToken);

    public override string ToString()
    {
        var sorted = Recovery.Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Fault} | {Times} | {Seed} | {Acknowledged} | {Lost} | {Extra} | {Requests} | {Excused} | {Errors} | "
                + $"{sorted[sorted.Count / 2].TotalSeconds:0.0}, {sorted[^1].TotalSeconds:0.0} |"
        );
    }
}
