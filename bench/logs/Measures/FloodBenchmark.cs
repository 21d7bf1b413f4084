using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Logs.Load;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>
/// Measures a pod that floods its log: whether each line is received or reported as dropped, the cost per line, and the delay of the lines
/// of another deployment.
/// </summary>
internal sealed class FloodBenchmark : IBenchmark
{
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan SettleDelay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var testbed = await Testbed.Create(cancellationToken);
        var (loud, ticking) = (await testbed.Deploy("loud", cancellationToken), await testbed.Deploy("ticking", cancellationToken));
        Report.WriteProgress("warm-up flood");
        await testbed.Flood(loud, toLog: true, options, cancellationToken);
        await Task.Delay(SettleDelay, TimeProvider.System, cancellationToken);
        var (ticks, count) = (new TickReader(), new FloodLineCounter());
        await using var tail = await LogSocket.Connect(testbed.Silo.Origin, testbed.Silo.Token, ticks.Read, cancellationToken);
        await tail.Subscribe("1", ticking.Name, 1, cancellationToken);
        var silo = testbed.Silo.ProcessId;
        var before = await Footprint.Measure(silo, cancellationToken);
        ProcessMemory.ResetPeak(silo);

        Report.WriteProgress("flood without a subscriber");
        var processor = ProcessorTime.GetSeconds(silo);
        var unwatched = await testbed.Flood(loud, toLog: true, options, cancellationToken);
        var cost = ProcessorTime.GetSeconds(silo) - processor;
        await Task.Delay(SettleDelay, TimeProvider.System, cancellationToken);

        Report.WriteProgress("flood with a subscriber");
        await using var subscriber = await LogSocket.Connect(testbed.Silo.Origin, testbed.Silo.Token, count.Read, cancellationToken);
        await subscriber.Subscribe("1", loud.Name, 1, cancellationToken);
        await WaitUntil(() => count.Total > 0, cancellationToken);
        count.Reset();
        var flood = testbed.Flood(loud, toLog: true, options, cancellationToken);
        await testbed.SendToPod(
            ticking,
            $"/ticks/{(int)(options.Duration / options.TickInterval)}/{options.TickInterval.TotalMilliseconds:0}",
            cancellationToken
        );
        var written = await flood;
        await WaitUntil(() => count.Total >= written, cancellationToken);
        var after = await Footprint.Measure(silo, cancellationToken);
        if (count.Total != written)
            report.RecordFailure($"flood: {written} lines were written, but {count.Total} were received or reported as dropped");
        if (count.OutOfOrder > 0)
            report.RecordFailure($"flood: {count.OutOfOrder} lines were out of order");

        var table = new Table(
            $"A flood of {options.LinesPerSecond:N0} lines/s of 100 bytes for {options.Duration.TotalSeconds:0} s, without other load",
            "",
            ""
        );
        table.AddRow("lines written without a subscriber", $"{unwatched:N0}");
        table.AddRow("silo CPU per line, µs", $"{cost * 1e6 / unwatched:0.00}");
        table.AddRow("lines written with a subscriber", $"{written:N0}");
        AddCounts(table, count);
        table.AddRow("delay of another deployment's lines during the flood, p50 and p99, ms", Percentiles(ticks));
        table.AddRow(
            "resident memory before, peak, after, MiB",
            $"{before.Resident / MiB:0}, {ProcessMemory.GetPeak(silo) / MiB:0}, {after.Resident / MiB:0}"
        );
        table.AddRow("managed heap after a full collection, before, after, MiB", $"{before.Heap / MiB:0.0}, {after.Heap / MiB:0.0}");
        report.WriteTable(table);
    }

    private static void AddCounts(Table table, FloodLineCounter count)
    {
        table.AddRow("of these, received", $"{count.Received:N0}");
        table.AddRow("of these, dropped according to notices in the log", $"{count.DroppedInLog:N0}");
        table.AddRow("of these, dropped according to droppedLines", $"{count.DroppedForSubscriber:N0}");
        table.AddRow("out of order", $"{count.OutOfOrder:N0}");
    }

    private static string Percentiles(TickReader ticks) =>
        ticks.Count == 0
            ? "no lines received"
            : $"{new Spread(ticks.Delays).Percentile(0.5):0.0}, {new Spread(ticks.Delays).Percentile(0.99):0.0}";

    /// <summary>Waits until a condition is met, for at most 60 s. Does not throw, because the caller reports what is missing.</summary>
    private static async Task WaitUntil(Func<bool> condition, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition() && TimeProvider.System.GetElapsedTime(began) < WaitTimeout)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
    }
}
