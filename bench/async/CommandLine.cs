using System.CommandLine;
using DeployCard.Bench.Async.Measures;
using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async;

/// <summary>What can be asked for.</summary>
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

    public static RootCommand Root()
    {
        var seconds = Arguments.Number("--seconds", "How long one run of the load generator takes.", 5);
        var rounds = Arguments.Number("--rounds", "How often each way is measured.", 5);
        var tries = Arguments.Number("--tries", "How many calls one at a time, and how many readings of each page.", 300);
        var queued = Arguments.Number("--queued", "How many calls wait when the silo is killed.", 100_000);
        var history = Arguments.Number("--history", "How many past calls the deployment has whose pages are read.", 1_000_000);
        var due = Arguments.Number("--due", "How many calls are over their retention at once.", 30_000);
        var only = new Option<string>("--only")
        {
            Description = "What to measure. Also: 'hold', which starts everything and waits for Ctrl+C.",
            DefaultValueFactory = _ => string.Join(',', Benchmarks.Keys.Where(name => name != "hold")),
        };
        only.Validators.Add(given =>
        {
            foreach (var unknown in Arguments.Names(given.GetValueOrDefault<string>()).Where(name => !Benchmarks.ContainsKey(name)))
                given.AddError($"--only knows {string.Join(", ", Benchmarks.Keys)}, and not '{unknown}'.");
        });
        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand("Measures DeployCard's asynchronous calls beside an end point that only writes the row.")
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
                    Arguments.Names(given.GetValue(only)!),
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
        if (Arguments.Missing("bench/async") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        foreach (var name in names)
        {
            // Each with a database of its own, so that none finds the calls of another.
            await using var stage = await Stage.Raise(cancellationToken);
            await Benchmarks[name].Run(stage, options, report, cancellationToken);
        }

        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }
}
