using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Tracing;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Many calls that wait: what they cost in memory, and how soon they go on after the silo was killed.</summary>
internal sealed class BacklogBenchmark : IBenchmark
{
    private const int Connections = 64;
    private const int Ordered = 1_000;
    private const int Many = 10_000;
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("backlog");
        var gate = stage.File("gate");
        await File.WriteAllTextAsync(gate, "", cancellationToken);
        var table = new Table($"A backlog of {options.Queued:N0} calls", "", "measured");
        var before = await Footprint.Of(stage.Silo.ProcessId, cancellationToken);
        await Fill(stage, gate, options.Queued, report, cancellationToken);
        var after = await Footprint.Of(stage.Silo.ProcessId, cancellationToken);
        table.Add("resident memory before and with them, MiB", $"{before.Resident / MiB:0} → {after.Resident / MiB:0}");
        table.Add("managed heap after a full collection before and with them, MiB", $"{before.Heap / MiB:0} → {after.Heap / MiB:0}");

        await stage.Silo.Kill();
        File.Delete(gate);
        await Recover(stage, table, report, cancellationToken);
        report.Add(table);
    }

    private static async Task Fill(Stage stage, string gate, int count, Report report, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var caller = new Caller(stage.Ours, Paths.While(gate));
        var refused = await caller.AcceptAll(count, Connections, cancellationToken);
        Report.Progress($"  {count:N0} accepted in {Since(began):0.0} s");
        if (refused > 0 || stage.Calls.Count() != count)
            report.Fail($"backlog: {refused} of {count} were not accepted, {stage.Calls.Count()} rows");
    }

    private static async Task Recover(Stage stage, Table table, Report report, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await stage.StartAgain(cancellationToken);
        Add("killed and started again: ready after, s", Since(began));
        foreach (var count in new[] { 1, Ordered, Many })
        {
            await stage.Calls.WaitForEnded(count, Patience, cancellationToken);
            Add($"killed and started again: {count:N0} completed after, s", Since(began));
        }

        var (ended, accepted) = (
            stage.Calls.FirstEnded(Ordered),
            stage.Calls.FirstAccepted(Ordered * 2).Index().ToDictionary(c => c.Item, c => c.Index)
        );
        var furthest = ended.Index().Max(c => Math.Abs(c.Index - accepted.GetValueOrDefault(c.Item, int.MaxValue)));
        table.Note($"Of the first {Ordered:N0} to complete each stood at most {furthest} places from its place in the order of arrival.");
        if (furthest > Ordered / 2)
            report.Fail($"backlog: not in the order of arrival, {furthest} places off");

        void Add(string what, double seconds)
        {
            table.Add(what, $"{seconds:0.00}");
            Report.Progress($"  {what} {seconds:0.00}");
        }
    }

    private static double Since(long began) => TimeProvider.System.GetElapsedTime(began).TotalSeconds;

    /// <summary>Memory in bytes.</summary>
    private sealed record Footprint(long Resident, long Heap)
    {
        public static async Task<Footprint> Of(int process, CancellationToken cancellationToken)
        {
            var resident = Memory.Resident(process);
            var footprint = new Footprint(resident, await ManagedHeap.AfterCollection(process, cancellationToken));
            Report.Progress($"  resident {resident / MiB:0} MiB, managed heap {footprint.Heap / MiB:0} MiB");
            return footprint;
        }
    }
}
