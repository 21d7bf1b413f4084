using System.CommandLine;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Logs.Measures;

namespace DeployCard.Bench.Logs;

/// <summary>Command line of the benchmark: options, defaults and the benchmarks that can be selected.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, IBenchmark> Benchmarks = new()
    {
        ["neighbor"] = new NeighborBenchmark(),
        ["flood"] = new FloodBenchmark(),
        ["fanout"] = new FanOutBenchmark(),
        ["download"] = new DownloadBenchmark(),
    };

    public static RootCommand CreateRootCommand()
    {
        var seconds = CreateNumberOption("--seconds", "Duration of one flood, in seconds.", 5);
        var rounds = CreateNumberOption("--rounds", "Number of measurements of each variant.", 3);
        var rate = CreateNumberOption("--rate", "Number of lines of 100 bytes per second that the flooding pod writes.", 100_000);
        var subscribers = CreateNumberOption("--subscribers", "Maximum number of subscribers of one log.", 1000);
        var sockets = CreateNumberOption("--sockets", "Maximum number of WebSockets that the subscribers share.", 50);
        var ticks = CreateNumberOption("--ticks", "Number of lines sent to the subscribers.", 100);
        var pause = CreateNumberOption("--pause", "Interval between two lines sent to the subscribers, in milliseconds.", 100);
        var kept = CreateNumberOption("--kept", "Number of lines of the log that is downloaded.", 1_000_000);
        var only = new Option<string>("--only")
        {
            Description = "Benchmarks to run, separated by commas.",
            DefaultValueFactory = _ => string.Join(',', Benchmarks.Keys),
        };
        only.Validators.Add(given =>
        {
            foreach (var unknown in SplitNames(given.GetValueOrDefault<string>()).Where(name => !Benchmarks.ContainsKey(name)))
                given.AddError($"--only must be one or more of {string.Join(", ", Benchmarks.Keys)}; got '{unknown}'.");
        });
        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand(
            "Measures DeployCard's logs: a pod that floods its log, a thousand subscribers of one log, and the download of a long log."
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
                    SplitNames(given.GetValue(only)!),
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
        if (FindMissingPrerequisite() is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        foreach (var name in names)
            await Benchmarks[name].Run(options, report, cancellationToken);
        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }

    private static Option<int> CreateNumberOption(string name, string description, int defaultValue)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() < 1)
                given.AddError($"{name} must be at least 1; got {given.GetValueOrDefault<int>()}.");
        });
        return option;
    }

    private static string? FindMissingPrerequisite()
    {
        if (!BuildOutput.IsRelease)
            return "Benchmarks need the release build: dotnet run -c Release --project bench/logs";
        return Tool.Find("wrk") is null ? "wrk is not installed (on Debian: apt-get install wrk)" : null;
    }

    private static string[] SplitNames(string? given) =>
        (given ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
