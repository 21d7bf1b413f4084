using System.CommandLine;
using DeployCard.Bench.Common;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.GraphQL;

/// <summary>Command line of the benchmark: options and defaults.</summary>
internal static class CommandLine
{
    public static RootCommand CreateRootCommand()
    {
        var seconds = CommandLineOptions.CreateNumber("--seconds", "Duration of one run of the load generator, in seconds.", 5);
        var rounds = CommandLineOptions.CreateNumber("--rounds", "Number of measurements of each operation.", 5);
        var deployments = CommandLineOptions.CreateNumber("--deployments", "Number of deployments of the silo.", 200);
        var types = new Option<bool>("--types") { Description = "Also list the types that the silo allocates." };
        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand("Compares DeployCard's GraphQL API with a bare endpoint that returns the same JSON.")
        {
            seconds,
            rounds,
            deployments,
            types,
            markdown,
        };
        root.SetAction(
            (given, cancellationToken) =>
                Run(
                    new(
                        TimeSpan.FromSeconds(given.GetValue(seconds)),
                        given.GetValue(rounds),
                        given.GetValue(deployments),
                        given.GetValue(types)
                    ),
                    new(given.GetValue(markdown)),
                    cancellationToken
                )
        );
        return root;
    }

    private static async Task<int> Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        if (CommandLineOptions.FindMissingPrerequisite("bench/graphql") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        await using var testbed = await Testbed.Create(options.Deployments, cancellationToken);
        foreach (var operation in Operation.All)
            await OperationBenchmark.Run(testbed, operation, options, report, cancellationToken);
        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }
}
