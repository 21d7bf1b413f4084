using System.CommandLine;
using DeployCard.Bench.Common;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Gateway.Measures;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway;

/// <summary>What can be asked for.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, IBenchmark> Benchmarks = new()
    {
        ["throughput"] = new ThroughputBenchmark(Scenario.All),
        ["allocation"] = new AllocationBenchmark(),
        ["coldstart"] = new ColdStartBenchmark(),
        ["update"] = new UpdateBenchmark(),
        ["streams"] = new StreamBenchmark(),
        ["bar"] = new ThroughputBenchmark([Scenario.Bar]),
        ["hold"] = new Hold(),
    };

    private static readonly string[] Usual = ["throughput", "allocation", "coldstart", "update", "streams"];

    public static RootCommand Root()
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long one run of the load generator takes.",
            DefaultValueFactory = _ => 5,
        };
        var rounds = new Option<int>("--rounds") { Description = "How often each way is measured.", DefaultValueFactory = _ => 5 };
        var tries = new Option<int>("--tries") { Description = "How many first requests at zero pods.", DefaultValueFactory = _ => 9 };
        var updates = new Option<int>("--updates") { Description = "How many updates under load.", DefaultValueFactory = _ => 5 };
        var size = new Option<int>("--stream-mib") { Description = "The size of large bodies, in MiB.", DefaultValueFactory = _ => 1024 };
        var only = new Option<string>("--only")
        {
            Description =
                "What to measure. Also: 'bar', the part of 'throughput' that the bars are about; 'hold', which starts everything and waits for Ctrl+C.",
            DefaultValueFactory = _ => string.Join(',', Usual),
        };
        only.Validators.Add(given =>
        {
            foreach (var unknown in Arguments.Names(given.GetValueOrDefault<string>()).Where(name => !Benchmarks.ContainsKey(name)))
                given.AddError($"--only knows {string.Join(", ", Benchmarks.Keys)}, and not '{unknown}'.");
        });
        foreach (var number in new[] { seconds, rounds, tries, updates, size })
        {
            number.Validators.Add(given =>
            {
                if (given.GetValueOrDefault<int>() < 1)
                    given.AddError($"{number.Name} must be at least 1.");
            });
        }

        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand("Measures DeployCard's gateway against bare YARP and nginx in front of the same pod.")
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
                    Arguments.Names(given.GetValue(only)!),
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
        if (Arguments.Missing("bench/gateway") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        await using (var stage = await Stage.Raise(cancellationToken))
        {
            foreach (var name in names)
                await Benchmarks[name].Run(stage, options, report, cancellationToken);
        }

        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }
}
