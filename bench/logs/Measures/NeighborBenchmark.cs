using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>
/// Measures how a pod that floods its log affects predictions of another deployment. The same pod writing the same lines to
/// <c>/dev/null</c> is the reference: both use processor time of the machine, so only the difference is the cost of the log.
/// </summary>
internal sealed class NeighborBenchmark : IBenchmark
{
    private const string Predict = "/v1/models/bench:predict";
    private const int Connections = 16;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DelayBetweenRuns = TimeSpan.FromSeconds(3);
    private static readonly string[] Variants = ["no flood", "flood to /dev/null", "flood to the log"];

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var testbed = await Testbed.Create(cancellationToken);
        var (calm, loud) = (await testbed.Deploy("calm", cancellationToken), await testbed.Deploy("loud", cancellationToken));
        await Wrk.Run(calm, Predict, Connections, WarmUp, cancellationToken);
        await Wrk.Run(loud, Predict, Connections, WarmUp, cancellationToken);
        var rounds = new List<Dictionary<string, Result>>();
        for (var i = 0; i < options.Rounds; i++)
        {
            var round = new Dictionary<string, Result>();
            // The order rotates from round to round, so that each variant comes first in turn.
            for (var j = 0; j < Variants.Length; j++)
            {
                var variant = Variants[(i + j) % Variants.Length];
                Report.WriteProgress($"neighbor, round {i + 1} of {options.Rounds}: {variant}");
                round[variant] = await MeasureVariant(testbed, calm, loud, variant, options, cancellationToken);
                Report.WriteProgress($"  {round[variant].Calm}; flooding deployment: {round[variant].Loud}");
                await Task.Delay(DelayBetweenRuns, TimeProvider.System, cancellationToken);
            }

            rounds.Add(round);
        }

        var table = new Table(
            $"Predictions during a flood of {options.LinesPerSecond:N0} lines/s ({Connections} connections, 1 KiB; "
                + $"medians of {options.Rounds} rounds of {options.Duration.TotalSeconds:0} s)",
            "",
            "lines/s written",
            "another deployment: requests/s",
            "p99 ms",
            "relative to no flood",
            "flooding deployment, 1 connection: p50 ms",
            "p99 ms",
            "errors"
        );
        foreach (var variant in Variants)
        {
            string FormatSpread(Func<Result, double> value, string format) =>
                new Spread(rounds.Select(r => value(r[variant]))).ToString(format);
            table.AddRow(
                variant,
                FormatSpread(s => s.Written / options.Duration.TotalSeconds, "N0"),
                FormatSpread(s => s.Calm.RequestsPerSecond, "N0"),
                FormatSpread(s => s.Calm.P99 / 1e3, "0.0"),
                new Spread(rounds.Select(r => r[variant].Calm.RequestsPerSecond / r[Variants[0]].Calm.RequestsPerSecond)).ToString("0.00"),
                FormatSpread(s => s.Loud.P50 / 1e3, "0.0"),
                FormatSpread(s => s.Loud.P99 / 1e3, "0.0"),
                $"{rounds.Sum(r => r[variant].Calm.Errors + r[variant].Loud.Errors)}"
            );
        }

        table.AddNote(
            "Requests/s with a flood to the log, relative to a flood to /dev/null: "
                + new Spread(rounds.Select(r => r[Variants[2]].Calm.RequestsPerSecond / r[Variants[1]].Calm.RequestsPerSecond)).ToString(
                    "0.00"
                )
        );
        report.WriteTable(table);
        if (rounds.Any(r => r.Values.Any(s => s.Calm.Errors + s.Loud.Errors > 0)))
            report.RecordFailure("neighbor: predictions during a flood had errors");
    }

    private static async Task<Result> MeasureVariant(
        Testbed testbed,
        Target calm,
        Target loud,
        string variant,
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        var flood = variant == Variants[0] ? Task.FromResult(0L) : testbed.Flood(loud, variant == Variants[2], options, cancellationToken);
        var other = Wrk.Run(loud, Predict, 1, options.Duration, cancellationToken);
        var load = await Wrk.Run(calm, Predict, Connections, options.Duration, cancellationToken);
        return new(await flood, load, await other);
    }

    private sealed record Result(long Written, WrkResult Calm, WrkResult Loud);
}
