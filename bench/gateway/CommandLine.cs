using System.CommandLine;
using DeployCard.Bench.Common;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Gateway.Measures;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway;

/// <summary>Command line of the benchmark: options, defaults and the benchmarks that can be selected.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, IBenchmark> Benchmarks = new()
    {
        ["throughput"] = new ThroughputBenchmark(Scenario.All),
        ["allocation"] = new AllocationBenchmark(),
        ["coldstart"] = new ColdStartBenchmark(),
        ["update"] = new UpdateBenchmark(),
        ["streams"] = new StreamBenchmark(),
        ["bar"] = new ThroughputBenchmark([Scenario.Main]),
        ["hold"] = new Hold(),
    };

    private static readonly string[] DefaultBenchmarks = ["throughput", "allocation", "coldstart", "update", "streams"];

    public static RootCommand CreateRootCommand()
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "Duration of one run of the load generator, in seconds.",
            DefaultValueFactory = _ => 5,
        };
        var rounds = new Option<int>("--rounds") { Description = "Number of measurements of each target.", DefaultValueFactory = _ => 5 };
        var tries = new Option<int>("--tries") { Description = "Number of first requests at zero pods.", DefaultValueFactory = _ => 9 };
        var updates = new Option<int>("--updates") { Description = "Number of updates under load.", DefaultValueFactory = _ => 5 };
        var size = new Option<int>("--stream-mib") { Description = "Size of the large bodies, in MiB.", DefaultValueFactory = _ => 1024 };
        var only = new Option<string>("--only")
        {
            Description =
                "Benchmarks to run, separated by commas. Also: 'bar' (the part of 'throughput' that has target values) and 'hold' "
                + "(starts all servers and waits for Ctrl+C).",
            DefaultValueFactory = _ => string.Join(',', DefaultBenchmarks),
        };
        only.Validators.Add(given =>
        {
            foreach (
                var unknown in CommandLineOptions.SplitNames(given.GetValueOrDefault<string>()).Where(name => !Benchmarks.ContainsKey(name))
            )
                given.AddError($"--only must be one or more of {string.Join(", ", Benchmarks.Keys)}; got '{unknown}'.");
        });
        foreach (var number in new[] { seconds, rounds, tries, updates, size })
        {
            number.Validators.Add(given =>
            {
                if (given.GetValueOrDefault<int>() < 1)
                    given.AddError($"{number.Name} must be at least 1; got {given.GetValueOrDefault<int>()}.");
            });
        }

        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand("Compares DeployCard's gateway with bare YARP and nginx in front of the same pod.")
        {
            seconds,
            rounds,
            tries,
            updates,
            size,
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
                        given.GetValue(updates),
                        given.GetValue(size) * 1024L * 1024
                    ),
                    new(given.GetValue(markdown)),
                    cancellationToken
                )
        );
        return root;
    }

    private static async Task<int> Run(string[] names, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        if (CommandLineOptions.FindMissingPrerequisite("bench/gateway") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        await using (var testbed = await Testbed.Create(cancellationToken))
        {
            foreach (var name in names)
                await Benchmarks[name].Run(testbed, options, report, cancellationToken);
        }

        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }
}
