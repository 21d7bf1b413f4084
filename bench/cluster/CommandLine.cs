using System.CommandLine;
using DeployCard.Bench.Cluster.Measures;
using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Cluster;

/// <summary>What can be asked for.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, IBenchmark> Benchmarks = new()
    {
        ["rest"] = new RestBenchmark(),
        ["cost"] = new CostBenchmark(),
    };

    public static RootCommand Root()
    {
        var seconds = Arguments.Number("--seconds", "How long one run of the load generator takes.", 5);
        var rounds = Arguments.Number("--rounds", "How often each number of silos is measured.", 3);
        var tries = Arguments.Number("--tries", "How many readings of each page.", 200);
        var deployments = Arguments.Number("--deployments", "How many deployments are at rest.", 100_000);
        var history = Arguments.Number("--history", "How many past calls one of them has.", 1_000_000);
        var due = Arguments.Number("--due", "How many of these calls are over their retention at once.", 30_000);
        var silos = Arguments.Number("--silos", "How many silos there are at the most.", 3);
        var only = new Option<string>("--only")
        {
            Description = "What to measure.",
            DefaultValueFactory = _ => string.Join(',', Benchmarks.Keys),
        };
        only.Validators.Add(given =>
        {
            foreach (var unknown in Arguments.Names(given.GetValueOrDefault<string>()).Where(name => !Benchmarks.ContainsKey(name)))
                given.AddError($"--only knows {string.Join(", ", Benchmarks.Keys)}, and not '{unknown}'.");
        });
        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand("Measures silos of DeployCard that share a PostgreSQL: much that is at rest, and what a call costs.")
        {
            seconds,
            rounds,
            tries,
            deployments,
            history,
            due,
            silos,
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
                        given.GetValue(deployments),
                        given.GetValue(history),
                        given.GetValue(due),
                        given.GetValue(silos)
                    ),
                    new(given.GetValue(markdown)),
                    cancellationToken
                )
        );
        return root;
    }

    private static async Task<int> Run(string[] names, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        if (Arguments.Missing("bench/cluster") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        foreach (var name in names)
        {
            // Each with a server of its own, so that none finds the pages of another in its memory.
            await using var stage = await Stage.Raise();
            await Benchmarks[name].Run(stage, options, report, cancellationToken);
        }

        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }
}
