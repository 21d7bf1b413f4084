using System.Globalization;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>A row of the table that the crash tests produce.</summary>
/// <param name="What">Description of the failure.</param>
/// <param name="Rounds">Number of times the failure was caused.</param>
/// <param name="Seed">Seed of the random numbers.</param>
/// <param name="Accepted">Number of stored calls.</param>
/// <param name="WithoutResponse">Number of stored calls whose 202 response never arrived.</param>
/// <param name="Completed">Number of completed calls.</param>
/// <param name="Errors">Number of calls that ended in an error.</param>
/// <param name="Lost">Number of calls that got a 202 but were not stored.</param>
/// <param name="Extra">
/// Number of additional attempts: each call needs one attempt, and one for each failure that was requested from the pod.
/// </param>
/// <param name="Reached">Number of requests that reached a pod.</param>
/// <param name="Drained">Seconds from the last round to the end of the last call.</param>
/// <param name="Seconds">Duration of the whole run in seconds.</param>
internal sealed record CrashRow(
    string What,
    int Rounds,
    int Seed,
    int Accepted,
    int WithoutResponse,
    int Completed,
    int Errors,
    int Lost,
    int Extra,
    int Reached,
    double Drained,
    double Seconds
)
{
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"| {What} | {Rounds} | {Seed} | {Accepted} | {WithoutResponse} | {Completed} | {Errors} | {Lost} | {Extra} | {Reached} | "
                + $"{Drained:0.0} | {Seconds:0} |"
        );
}

/// <summary>Prints the rows of the table and appends them to a file.</summary>
internal static class CrashTable
{
    private const string Head =
        "| fault | rounds | seed | accepted | accepted without a response | completed | errors | lost | extra attempts | "
        + "requests at pods | last end after, s | seconds |\n"
        + "|---|---|---|---|---|---|---|---|---|---|---|---|";

    /// <summary>
    /// Prints a row (<c>dotnet test --output Detailed</c> shows it) and appends it to the file that <c>DEPLOYCARD_TEST_TABLE</c> names.
    /// </summary>
    public static Task Add(CrashRow row, CancellationToken cancellationToken) => Add(Head, row.ToString(), cancellationToken);

    /// <summary>Prints and appends a row of any table. The head is written to the file before its first row.</summary>
    public static async Task Add(string head, string row, CancellationToken cancellationToken)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"{head}\n{row}");
        if (Environment.GetEnvironmentVariable("DEPLOYCARD_TEST_TABLE") is not { Length: > 0 } file)
            return;
        var hasHead = File.Exists(file) && (await File.ReadAllTextAsync(file, cancellationToken)).Contains(head, StringComparison.Ordinal);
        await File.AppendAllTextAsync(file, $"{(hasHead ? "" : $"\n{head}\n")}{row}\n", cancellationToken);
    }
}
