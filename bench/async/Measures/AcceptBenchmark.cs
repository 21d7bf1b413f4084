using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Calls accepted durably, beside an end point that only writes the same row: while none of them runs, and while they do.</summary>
internal sealed class AcceptBenchmark : IBenchmark
{
    private const int Connections = 64;
    private const int Counted = 2_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var (peer, rows) = await stage.StartPeer(cancellationToken);
        Side[] sides = [new(peer, rows), new(stage.Ours, stage.Calls)];
        // Those that run first: the others would be in their way for ever.
        await Measure("while they run", Paths.Prediction, sides, null, options, report, cancellationToken);
        await Measure(
            "while none runs",
            Paths.Never,
            sides,
            Bar.AtLeast($"accepts/s of {Stage.Peer}'s", 0.5),
            options,
            report,
            cancellationToken
        );
    }

    private static async Task Measure(
        string title,
        string path,
        Side[] sides,
        Bar? bar,
        BenchOptions options,
        Report report,
        CancellationToken cancellationToken
    )
    {
        Report.Progress($"accept, {title}");
        var before = sides.ToDictionary(s => s.Target.Name, s => s.Calls.Count());
        var accepted = sides.ToDictionary(s => s.Target.Name, _ => 0L);
        await RunRound("warm-up", 0, WarmUp);
        var rounds = new List<Round>();
        for (var i = 0; i < options.Rounds; i++)
            rounds.Add(await RunRound($"round {i + 1}", i, options.Duration));
        var table = TableOf(title, rounds, bar);
        foreach (var side in sides)
            table.Note(
                await Verify(
                    side,
                    path,
                    before[side.Target.Name],
                    accepted[side.Target.Name],
                    (options.Rounds + 1) * Connections,
                    report,
                    cancellationToken
                )
            );
        report.Add(table);

        async Task<Round> RunRound(string name, int first, TimeSpan duration)
        {
            var results = new Dictionary<string, Measurement>();
            for (var i = 0; i < sides.Length; i++)
            {
                var side = sides[(first + i) % sides.Length];
                var result = await Measurement.Take(side.Target, path, Connections, duration, cancellationToken);
                results[side.Target.Name] = result;
                accepted[side.Target.Name] += result.Load.Requests;
                Report.Progress($"  {name}  {side.Target.Name.PadRight(14)}  {result}");
                if (result.Load.Errors > 0)
                    report.Fail($"accept, {title}, {name}, {side.Target.Name}: {result}");
                if (side.IsOurs && path == Paths.Prediction)
                    await side.Calls.WaitForEnd(Patience, cancellationToken);
            }

            return new(results);
        }
    }

    /// <summary>Each answer stands for a row. Those that wrk broke off at its end may be there or not; of some more each one is counted.</summary>
    private static async Task<string> Verify(
        Side side,
        string path,
        long before,
        long accepted,
        int brokenOff,
        Report report,
        CancellationToken cancellationToken
    )
    {
        using var caller = new Caller(side.Target, path);
        var rows = await side.Calls.CountWhenStill(cancellationToken);
        var refused = await caller.AcceptAll(Counted, Connections, cancellationToken);
        var counted = side.Calls.Count() - rows;
        var told =
            $"{side.Target.Name}: {accepted:N0} × 202, {rows - before:N0} rows; then {Counted - refused:N0} × 202, {counted:N0} rows, of {side.Calls.MeanBytes():N0} bytes";
        if (rows - before < accepted || rows - before > accepted + brokenOff || refused > 0 || counted != Counted)
            report.Fail($"accept, {told}");
        return told;
    }

    private static Table TableOf(string title, List<Round> rounds, Bar? bar)
    {
        var table = new Table(
            $"Accepted durably {title}: {Connections} connections, 1 KiB (medians of {rounds.Count} rounds)",
            "",
            "accepts/s",
            "p50 ms",
            "p99 ms",
            "CPU, µs/accept",
            "errors"
        );
        foreach (var name in new[] { Stage.Peer, Target.DeployCard })
        {
            double Median(Func<Measurement, double> value) => new Spread(rounds.Select(r => value(r.Results[name]))).Median;
            table.Add(
                name,
                $"{Median(PerSecond):N0}",
                $"{Median(m => m.Load.P50) / 1000:0.00}",
                $"{Median(m => m.Load.P99) / 1000:0.00}",
                $"{Median(m => m.Processor):0.0}",
                $"{rounds.Sum(r => r.Results[name].Load.Errors)}"
            );
        }

        var ratio = new Spread(rounds.Select(r => r.Against(Stage.Peer, PerSecond)));
        table.Note(bar?.Judge(ratio) ?? $"accepts/s of {Stage.Peer}'s: {ratio.ToString("0.00")}");
        table.Note(
            $"CPU per accept of {Stage.Peer}'s: {new Spread(rounds.Select(r => r.Against(Stage.Peer, m => m.Processor))).ToString("0.00")}"
        );
        return table;
    }

    private static double PerSecond(Measurement measured) => measured.Load.RequestsPerSecond;

    private sealed record Side(Target Target, CallDatabase Calls)
    {
        public bool IsOurs => Target.Name == Target.DeployCard;
    }
}
