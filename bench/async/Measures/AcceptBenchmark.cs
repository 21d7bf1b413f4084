using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Async.Measures;

/// <summary>
/// Compares how fast the silo and an endpoint that only writes the same row accept calls durably, while the calls run and while no call
/// runs.
/// </summary>
internal sealed class AcceptBenchmark : IBenchmark
{
    private const int Connections = 64;
    private const int VerifiedCalls = 2_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var (peer, rows) = await testbed.StartPeer(cancellationToken);
        Side[] sides = [new(peer, rows), new(testbed.SiloTarget, testbed.Calls)];
        // This measurement comes first: the calls of the other measurement never complete and would block the queue.
        await Measure("while calls run", Paths.Prediction, sides, null, options, report, cancellationToken);
        await Measure(
            "while no call runs",
            Paths.NoResponse,
            sides,
            TargetValue.AtLeast($"accepts/s relative to {Testbed.Peer}", 0.5),
            options,
            report,
            cancellationToken
        );
    }

    private static async Task Measure(
        string title,
        string path,
        Side[] sides,
        TargetValue? targetValue,
        BenchOptions options,
        Report report,
        CancellationToken cancellationToken
    )
    {
        Report.WriteProgress($"accept, {title}");
        var before = sides.ToDictionary(s => s.Target.Name, s => s.Calls.Count());
        var accepted = sides.ToDictionary(s => s.Target.Name, _ => 0L);
        await RunRound("warm-up", 0, WarmUp);
        var rounds = new List<Round>();
        for (var i = 0; i < options.Rounds; i++)
            rounds.Add(await RunRound($"round {i + 1}", i, options.Duration));
        var table = CreateTable(title, rounds, targetValue);
        foreach (var side in sides)
            table.AddNote(
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
        report.WriteTable(table);

        async Task<Round> RunRound(string name, int first, TimeSpan duration)
        {
            var results = new Dictionary<string, Measurement>();
            for (var i = 0; i < sides.Length; i++)
            {
                var side = sides[(first + i) % sides.Length];
                var result = await Measurement.Run(side.Target, path, Connections, duration, cancellationToken);
                results[side.Target.Name] = result;
                accepted[side.Target.Name] += result.Load.Requests;
                Report.WriteProgress($"  {name}  {side.Target.Name.PadRight(14)}  {result}");
                if (result.Load.Errors > 0)
                    report.RecordFailure($"accept, {title}, {name}, {side.Target.Name}: {result}");
                if (side.IsDeployCard && path == Paths.Prediction)
                    await side.Calls.WaitForEnd(WaitTimeout, cancellationToken);
            }

            return new(results);
        }
    }

    /// <summary>
    /// Checks that each 202 has a row. Requests that wrk aborted at the end of its runs may or may not have a row. A further batch, from a
    /// client that aborts no request, must therefore add exactly its number of rows.
    /// </summary>
    private static async Task<string> Verify(
        Side side,
        string path,
        long before,
        long accepted,
        int aborted,
        Report report,
        CancellationToken cancellationToken
    )
    {
        using var caller = new CallClient(side.Target, path);
        var rows = await side.Calls.CountWhenStable(cancellationToken);
        var rejected = await caller.SubmitAll(VerifiedCalls, Connections, cancellationToken);
        var counted = side.Calls.Count() - rows;
        var summary =
            $"{side.Target.Name}: {accepted:N0} × 202, {rows - before:N0} rows; "
            + $"then {VerifiedCalls - rejected:N0} × 202, {counted:N0} rows of {side.Calls.GetMeanBytes():N0} bytes on average";
        if (rows - before < accepted || rows - before > accepted + aborted || rejected > 0 || counted != VerifiedCalls)
            report.RecordFailure($"accept, {summary}");
        return summary;
    }

    private static Table CreateTable(string title, List<Round> rounds, TargetValue? targetValue)
    {
        var table = new Table(
            $"Durable accepts {title}: {Connections} connections, 1 KiB (medians of {rounds.Count} rounds)",
            "",
            "accepts/s",
            "p50 ms",
            "p99 ms",
            "CPU, µs/accept",
            "errors"
        );
        foreach (var name in new[] { Testbed.Peer, Target.DeployCard })
        {
            double Median(Func<Measurement, double> value) => new Spread(rounds.Select(r => value(r.Results[name]))).Median;
            table.AddRow(
                name,
                $"{Median(PerSecond):N0}",
                $"{Median(m => m.Load.P50) / 1000:0.00}",
                $"{Median(m => m.Load.P99) / 1000:0.00}",
                $"{Median(m => m.CpuPerRequest):0.0}",
                $"{rounds.Sum(r => r.Results[name].Load.Errors)}"
            );
        }

        var ratio = new Spread(rounds.Select(r => r.RatioTo(Testbed.Peer, PerSecond)));
        table.AddNote(targetValue?.Evaluate(ratio) ?? $"accepts/s relative to {Testbed.Peer}: {ratio.ToString("0.00")}");
        table.AddNote(
            $"CPU per accept relative to {Testbed.Peer}: "
                + new Spread(rounds.Select(r => r.RatioTo(Testbed.Peer, m => m.CpuPerRequest))).ToString("0.00")
        );
        return table;
    }

    private static double PerSecond(Measurement measured) => measured.Load.RequestsPerSecond;

    private sealed record Side(Target Target, CallDatabase Calls)
    {
        public bool IsDeployCard => Target.Name == Target.DeployCard;
    }
}
