using System.CommandLine;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Logs.Measures;

namespace DeployCard.Bench.Logs;

/// <summary>What can be asked for.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, IBenchmark> Benchmarks = new()
    {
        ["beside"] = new BesideBenchmark(),
        ["flood"] = new FloodBenchmark(),
        ["fanout"] = new FanOutBenchmark(),
        ["download"] = new DownloadBenchmark(),
    };

    public static RootCommand Root()
    {
        var seconds = Number("--seconds", "How long one flood takes.", 5);
        var rounds = Number("--rounds", "How often each way is measured.", 3);
        var rate = Number("--rate", "How many lines of 100 bytes the flooding pod writes in a second.", 100_000);
        var subscribers = Number("--subscribers", "How many watch one log.", 1000);
        var sockets = Number("--sockets", "Over how many WebSockets they do.", 50);
        var ticks = Number("--ticks", "How many lines they are sent.", 100);
        var pause = Number("--pause", "Milliseconds between two of these lines.", 100);
        var kept = Number("--kept", "How many lines the log has that is downloaded.", 1_000_000);
        var only = new Option<string>("--only")
        {
            Description = "What to measure.",
            DefaultValueFactory = _ => string.Join(',', Benchmarks.Keys),
        };
        only.Validators.Add(given =>
        {
            foreach (var unknown in Names(given.GetValueOrDefault<string>()).Where(name => !Benchmarks.ContainsKey(name)))
                given.AddError($"--only knows {string.Join(", ", Benchmarks.Keys)}, and not '{unknown}'.");
        });
        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand(
            "Measures DeployCard's logs: a pod that floods its own, a thousand who watch one, and a long one as a file."
        )
        {
            seconds,
            rounds,
            rate,
            subscribers,
            sockets,
            ticks,
            pause,
            kept,
            only,
            markdown,
        };
        root.SetAction(
            (given, cancellationToken) =>
                Run(
                    Names(given.GetValue(only)!),
                    new(
                        TimeSpan.FromSeconds(given.GetValue(seconds)),
                        given.GetValue(rounds),
                        given.GetValue(rate),
                        given.GetValue(subscribers),
                        given.GetValue(sockets),
                        given.GetValue(ticks),
                        TimeSpan.FromMilliseconds(given.GetValue(pause)),
                        given.GetValue(kept)
                    ),
                    new(given.GetValue(markdown)),
                    cancellationToken
                )
        );
        return root;
    }

    private static async Task<int> Run(string[] names, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        if (Missing() is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        foreach (var name in names)
            await Benchmarks[name].Run(options, report, cancellationToken);
        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }

    private static Option<int> Number(string name, string description, int usual)
    {
        var number = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        number.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() < 1)
                given.AddError($"{name} must be at least 1.");
        });
        return number;
    }

    private static string? Missing()
    {
        if (!Built.IsRelease)
            return "Only the release build is worth measuring: dotnet run -c Release --project bench/logs";
        return Tool.Find("wrk") is null ? "wrk is not installed. On Debian: apt-get install wrk" : null;
    }

    private static string[] Names(string? given) =>
        (given ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
