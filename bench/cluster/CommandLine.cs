using System.CommandLine;
using DeployCard.Bench.Cluster.Measures;
using DeployCard.Bench.Cluster.Targets;
using DeployCard.Bench.Common;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Cluster;

/// <summary>Command line of the benchmark: options, defaults and the benchmarks that can be selected.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, IBenchmark> Benchmarks = new()
    {
        ["inactive"] = new InactiveBenchmark(),
        ["cost"] = new CostBenchmark(),
    };

    public static RootCommand CreateRootCommand()
    {
        var seconds = CommandLineOptions.CreateNumber("--seconds", "Duration of one run of the load generator, in seconds.", 5);
        var rounds = CommandLineOptions.CreateNumber("--rounds", "Number of measurements for each number of silos.", 3);
        var tries = CommandLineOptions.CreateNumber("--tries", "Number of reads of each page.", 200);
        var deployments = CommandLineOptions.CreateNumber("--deployments", "Number of inactive deployments.", 100_000);
        var history = CommandLineOptions.CreateNumber("--history", "Number of past calls of one deployment.", 1_000_000);
        var due = CommandLineOptions.CreateNumber("--due", "Number of past calls that expire at the same time.", 30_000);
        var silos = CommandLineOptions.CreateNumber("--silos", "Maximum number of silos.", 3);
        var only = new Option<string>("--only")
        {
            Description = "Benchmarks to run, separated by commas.",
            DefaultValueFactory = _ => string.Join(',', Benchmarks.Keys),
        };
        only.Validators.Add(given =>
        {
            foreach (
                var unknown in CommandLineOptions.SplitNames(given.GetValueOrDefault<string>()).Where(name => !Benchmarks.ContainsKey(name))
            )
                given.AddError($"--only must be one or more of {string.Join(", ", Benchmarks.Keys)}; got '{unknown}'.");
        });
        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand("Measures silos with PostgreSQL: inactive deployments, past calls and the cost of a call.")
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
                    CommandLineOptions.SplitNames(given.GetValue(only)!),
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
        if (CommandLineOptions.FindMissingPrerequisite("bench/cluster") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        foreach (var name in names)
        {
            // Each benchmark has its own PostgreSQL server, so that its pages are not cached by another benchmark.
            await using var testbed = await Testbed.Create();
            await Benchmarks[name].Run(testbed, options, report, cancellationToken);
        }

        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }
}
