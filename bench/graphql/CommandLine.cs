using System.CommandLine;
using DeployCard.Bench.Common;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.GraphQL;

/// <summary>What can be asked for.</summary>
internal static class CommandLine
{
    public static RootCommand Root()
    {
        var seconds = Arguments.Number("--seconds", "How long one run of the load generator takes.", 5);
        var rounds = Arguments.Number("--rounds", "How often each operation is measured.", 5);
        var deployments = Arguments.Number("--deployments", "How many deployments there are.", 200);
        var types = new Option<bool>("--types") { Description = "Also tell which types are allocated." };
        var markdown = new Option<bool>("--markdown") { Description = "Print the tables in Markdown." };
        var root = new RootCommand("Measures DeployCard's GraphQL beside a bare end point that answers the same bytes.")
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
        if (Arguments.Missing("bench/graphql") is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        await using var stage = await Stage.Raise(options.Deployments, cancellationToken);
        foreach (var operation in Operation.All)
            await OperationBenchmark.Run(stage, operation, options, report, cancellationToken);
        report.PrintFailures();
        return report.HasFailures ? 1 : 0;
    }
}
