using System.Globalization;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>A row of the table that these tests make.</summary>
/// <param name="What">What went down.</param>
/// <param name="Rounds">How often.</param>
/// <param name="Seed">What its random numbers began with.</param>
/// <param name="Accepted">Calls that were stored.</param>
/// <param name="Unanswered">Those of them whose 202 never arrived.</param>
/// <param name="Completed">Calls that were completed.</param>
/// <param name="Errors">Calls that ended in an error.</param>
/// <param name="Lost">Calls that got a 202 and are gone, or never ended.</param>
/// <param name="Extra">Attempts beyond the one that each call needs and those that were to fail.</param>
/// <param name="Reached">Requests that reached a pod.</param>
/// <param name="Drained">How long after the last round the last call ended, s.</param>
/// <param name="Seconds">The whole run, s.</param>
internal sealed record CrashRow(
    string What,
    int Rounds,
    int Seed,
    int Accepted,
    int Unanswered,
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
            $"| {What} | {Rounds} | {Seed} | {Accepted} | {Unanswered} | {Completed} | {Errors} | {Lost} | {Extra} | {Reached} | {Drained:0.0} | {Seconds:0} |"
        );
}

/// <summary>Where the rows go.</summary>
internal static class CrashTable
{
    private const string Head = """
        | killed or held | rounds | seed | accepted | of them without an answer | completed | errors | lost | extra attempts | requests at pods | last end after, s | seconds |
        |---|---|---|---|---|---|---|---|---|---|---|---|
        """;

    /// <summary>Prints a row (<c>dotnet test --output Detailed</c> shows it), and adds it to the file that <c>DEPLOYCARD_TEST_TABLE</c> names.</summary>
    public static Task Add(CrashRow row, CancellationToken cancellationToken) => Add(Head, row.ToString(), cancellationToken);

    /// <summary>The same for a row of a table of another form, with a head of its own where another kind of row came before.</summary>
    public static async Task Add(string head, string row, CancellationToken cancellationToken)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"{head}\n{row}");
        if (Environment.GetEnvironmentVariable("DEPLOYCARD_TEST_TABLE") is not { Length: > 0 } file)
            return;
        var isBegun = File.Exists(file) && (await File.ReadAllTextAsync(file, cancellationToken)).Contains(head, StringComparison.Ordinal);
        await File.AppendAllTextAsync(file, $"{(isBegun ? "" : $"\n{head}\n")}{row}\n", cancellationToken);
    }
}
