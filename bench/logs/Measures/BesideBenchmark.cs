using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>
/// What others notice of a pod that writes a hundred thousand lines a second. Beside it, as the peer, a pod that makes the same lines and writes them
/// nowhere: both take a part of the machine, only the difference is the log's.
/// </summary>
internal sealed class BesideBenchmark : IBenchmark
{
    private const string Predict = "/v1/models/bench:predict";
    private const int Connections = 16;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);
    private static readonly string[] Ways = ["no flood", "flood to nothing", "flood to the log"];

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.Raise(cancellationToken);
        var (calm, loud) = (await stage.Deploy("calm", cancellationToken), await stage.Deploy("loud", cancellationToken));
        await Wrk.Run(calm, Predict, Connections, WarmUp, cancellationToken);
        await Wrk.Run(loud, Predict, Connections, WarmUp, cancellationToken);
        var rounds = new List<Dictionary<string, Seen>>();
        for (var i = 0; i < options.Rounds; i++)
        {
            var round = new Dictionary<string, Seen>();
            // Each way has its turn at the beginning.
            for (var j = 0; j < Ways.Length; j++)
            {
                var way = Ways[(i + j) % Ways.Length];
                Report.Progress($"beside a flood, round {i + 1} of {options.Rounds}: {way}");
                round[way] = await See(stage, calm, loud, way, options, cancellationToken);
                Report.Progress($"  {round[way].Calm}; the loud one: {round[way].Loud}");
                await Task.Delay(Rest, TimeProvider.System, cancellationToken);
            }

            rounds.Add(round);
        }

        var table = new Table(
            $"Predictions beside a flood of {options.Rate:N0} lines/s ({Connections} connections, 1 KiB; medians of {options.Rounds} rounds of {options.Duration.TotalSeconds:0} s)",
            "",
            "lines/s written",
            "another deployment: requests/s",
            "p99 ms",
            "of it without a flood",
            "the loud one itself, 1 connection: p50 ms",
            "p99 ms",
            "errors"
        );
        foreach (var way in Ways)
        {
            string Middle(Func<Seen, double> value, string format) => new Spread(rounds.Select(r => value(r[way]))).ToString(format);
            table.Add(
                way,
                Middle(s => s.Written / options.Duration.TotalSeconds, "N0"),
                Middle(s => s.Calm.RequestsPerSecond, "N0"),
                Middle(s => s.Calm.P99 / 1e3, "0.0"),
                new Spread(rounds.Select(r => r[way].Calm.RequestsPerSecond / r[Ways[0]].Calm.RequestsPerSecond)).ToString("0.00"),
                Middle(s => s.Loud.P50 / 1e3, "0.0"),
                Middle(s => s.Loud.P99 / 1e3, "0.0"),
                $"{rounds.Sum(r => r[way].Calm.Errors + r[way].Loud.Errors)}"
            );
        }

        table.Note(
            $"Requests/s with a flood to the log, of those with a flood to nothing: {new Spread(rounds.Select(r => r[Ways[2]].Calm.RequestsPerSecond / r[Ways[1]].Calm.RequestsPerSecond)).ToString("0.00")}"
        );
        report.Add(table);
        if (rounds.Any(r => r.Values.Any(s => s.Calm.Errors + s.Loud.Errors > 0)))
            report.Fail("Predictions beside a flood had errors.");
    }

    private static async Task<Seen> See(
        Stage stage,
        Target calm,
        Target loud,
        string way,
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        var flood = way == Ways[0] ? Task.FromResult(0L) : stage.Flood(loud, way == Ways[2], options, cancellationToken);
        var other = Wrk.Run(loud, Predict, 1, options.Duration, cancellationToken);
        var load = await Wrk.Run(calm, Predict, Connections, options.Duration, cancellationToken);
        return new(await flood, load, await other);
    }

    private sealed record Seen(long Written, WrkResult Calm, WrkResult Loud);
}
