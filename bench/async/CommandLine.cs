using System.CommandLine;
using DeployCard.Bench.Async.Measures;
using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async;

/// <summary>Command line of the benchmark: options, defaults and the benchmarks that can be selected.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, IBenchmark> Benchmarks = new()
    {
        ["accept"] = new AcceptBenchmark(),
        ["latency"] = new LatencyBenchmark(),
        ["throughput"] = new ThroughputBenchmark(),
        ["backlog"] = new BacklogBenchmark(),
        ["list"] = new ListBenchmark(),
        ["sweep"] = new SweepBenchmark(),
        ["hold"] = new Hold(),
    };

    public static RootCommand CreateRootCommand()
    {
        var seconds = CommandLineOptions.CreateNumber("--seconds", "Duration of one run of the load generator, in seconds.", 5);
        var rounds = CommandLineOptions.CreateNumber("--rounds", "Number of rounds of a throughput measurement.", 5);
        var tries = CommandLineOptions.CreateNumber("--tries", "Number of calls of 'latency', and of reads of each page of 'list'.", 300);
        var queued = CommandLineOptions.CreateNumber("--queued", "Number of queued calls when the silo is killed.", 100_000);
        var history = CommandLineOptions.CreateNumber(
            "--history",
            "Number of past calls of the deployment whose pages are read.",
            1_000_000
        );
        var due = CommandLineOptions.CreateNumber("--due", "Number of calls that expire at the same time.", 30_000);
        var only = new Option<string>("--only")
        {
            Description = "Benchmarks to run, separated by commas. Also: 'hold' (starts all servers and waits for Ctrl+C).",
            DefaultValueFactory = _ => string.Join(',', Benchmarks.Keys.Where(name => name != "hold")),
        };
        only.Validators.Add(given =>
        {
            foreach (
                var unknown in CommandLineOptions.SplitNames(given.GetValueOrDefault<string>()).Where(name => !Benchmarks.ContainsKey(name))
            )
                given.AddError($"--only must be one or more of {string.Join(", ", Benchmarks.Keys)}; got '{unknown}'.");
        });
        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand("Compares DeployCard's asynchronous calls with an endpoint that only writes the row.")
        {
            seconds,
            rounds,
            tries,
            queued,
            history,
            due,
            only,
            markdown,
        };
        root.SetAction(
            (given, cancellationToken) =>
                Run(
                    CommandLineOptions.SplitNames(given.GetValue(only)!),
                    new(
                        TimeSpan.FromSeconds(given.GetValue(seconds)),
                        given.GetValue(rounds),
                        given.GetValue(tries),
                        given.GetValue(queued),
                        given.GetValue(history),
                        given.GetValue(due)
                    ),
                    new(given.GetValue(markdown)),
                    cancellationToken
                )
        );
        return root;
    }

    private static async Task<int> Run(string[] names, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        if (CommandLineOptions.FindMissingPrerequisite("bench/async") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        foreach (var name in names)
        {
            // Each benchmark has its own database, so that it does not see the calls of another.
            await using var testbed = await Testbed.Create(cancellationToken);
            await Benchmarks[name].Run(testbed, options, report, cancellationToken);
        }

        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }
}
