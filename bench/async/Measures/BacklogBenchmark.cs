using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Tracing;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Measures the memory that queued calls use, and how soon they complete after the silo was killed and restarted.</summary>
internal sealed class BacklogBenchmark : IBenchmark
{
    private const int Connections = 64;
    private const int Ordered = 1_000;
    private const int Many = 10_000;
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("backlog");
        var gate = testbed.GetPath("gate");
        await File.WriteAllTextAsync(gate, "", cancellationToken);
        var table = new Table($"A backlog of {options.Queued:N0} calls", "", "measured");
        var before = await Footprint.Measure(testbed.Silo.ProcessId, cancellationToken);
        await Fill(testbed, gate, options.Queued, report, cancellationToken);
        var after = await Footprint.Measure(testbed.Silo.ProcessId, cancellationToken);
        table.AddRow("resident memory without and with the backlog, MiB", $"{before.Resident / MiB:0} → {after.Resident / MiB:0}");
        table.AddRow(
            "managed heap after a full collection, without and with the backlog, MiB",
            $"{before.Heap / MiB:0} → {after.Heap / MiB:0}"
        );

        await testbed.Silo.Kill();
        File.Delete(gate);
        await Recover(testbed, table, report, cancellationToken);
        report.WriteTable(table);
    }

    private static async Task Fill(Testbed testbed, string gate, int count, Report report, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var caller = new CallClient(testbed.SiloTarget, Paths.AfterDeletionOf(gate));
        var rejected = await caller.SubmitAll(count, Connections, cancellationToken);
        Report.WriteProgress($"  {count:N0} accepted in {Since(began):0.0} s");
        if (rejected > 0 || testbed.Calls.Count() != count)
            report.RecordFailure($"backlog: {rejected} of {count} were not accepted, {testbed.Calls.Count()} rows");
    }

    private static async Task Recover(Testbed testbed, Table table, Report report, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await testbed.StartAgain(cancellationToken);
        Add("killed and restarted: ready after, s", Since(began));
        foreach (var count in new[] { 1, Ordered, Many })
        {
            await testbed.Calls.WaitForCompleted(count, WaitTimeout, cancellationToken);
            Add($"killed and restarted: {count:N0} completed after, s", Since(began));
        }

        var (ended, accepted) = (
            testbed.Calls.GetFirstCompleted(Ordered),
            testbed.Calls.GetFirstAccepted(Ordered * 2).Index().ToDictionary(c => c.Item, c => c.Index)
        );
        var furthest = ended.Index().Max(c => Math.Abs(c.Index - accepted.GetValueOrDefault(c.Item, int.MaxValue)));
        table.AddNote(
            $"Each of the first {Ordered:N0} completed calls was at most {furthest} positions away from its position in arrival order."
        );
        if (furthest > Ordered / 2)
            report.RecordFailure(
                $"backlog: a call completed {furthest} positions away from its position in arrival order; allowed are {Ordered / 2}"
            );

        void Add(string what, double seconds)
        {
            table.AddRow(what, $"{seconds:0.00}");
            Report.WriteProgress($"  {what} {seconds:0.00}");
        }
    }

    private static double Since(long began) => TimeProvider.System.GetElapsedTime(began).TotalSeconds;

    /// <summary>Memory of a .NET process.</summary>
    /// <param name="Resident">Resident memory before a full collection, in bytes.</param>
    /// <param name="Heap">Size of the managed heap after a full collection, in bytes.</param>
    private sealed record Footprint(long Resident, long Heap)
    {
        public static async Task<Footprint> Measure(int process, CancellationToken cancellationToken)
        {
            var resident = ProcessMemory.GetResident(process);
            var footprint = new Footprint(resident, await ManagedHeap.GetSizeAfterCollection(process, cancellationToken));
            Report.WriteProgress($"  resident {resident / MiB:0} MiB, managed heap {footprint.Heap / MiB:0} MiB");
            return footprint;
        }
    }
}
