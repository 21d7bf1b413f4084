using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Measures the retention sweep: many calls expire at the same time while others are accepted.</summary>
internal sealed class SweepBenchmark : IBenchmark
{
    private const int Connections = 64;
    private const int WarmUps = 3;
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Time until the calls expire. The silo sweeps at its start and then every minute, so they expire before the second sweep.
    /// </summary>
    private static readonly TimeSpan DueAfter = TimeSpan.FromSeconds(50);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("sweep");
        await Fill(testbed, options.Due, report, cancellationToken);
        var due = "";
        await testbed.Restart(
            calls => calls.SetPurgeTime(Parse(due = CallDatabase.Format(TimeProvider.System.GetUtcNow() + DueAfter))),
            cancellationToken
        );

        // After a start the code is not JIT-compiled and the pages of the database are not cached.
        for (var i = 0; i < WarmUps; i++)
            await Accept(WarmUp);
        var without = await Accept(options.Duration);
        var before = ProcessMemory.GetResident(testbed.Silo.ProcessId);
        ProcessMemory.ResetPeak(testbed.Silo.ProcessId);
        Report.WriteProgress("  waiting for the sweep");
        await WaitForDue(testbed, due, remaining => remaining < options.Due, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        var purge = MeasurePurge(testbed, due, began, cancellationToken);
        var with = await Accept(options.Duration);
        var took = await purge;
        var peak = ProcessMemory.GetPeak(testbed.Silo.ProcessId);
        var after = await Accept(options.Duration);

        var table = new Table(
            $"Retention: {options.Due:N0} calls expire at the same time while others are accepted ({Connections} connections, 1 KiB)",
            "",
            "accepts/s",
            "p50 ms",
            "p99 ms",
            "errors"
        );
        Add("before the sweep", without);
        Add("during the sweep", with);
        Add("after the sweep", after);
        table.AddNote(
            $"All {options.Due:N0} calls were purged after {took.TotalSeconds:0.0} s: {options.Due / took.TotalSeconds:N0} rows/s. "
                + $"The load ran for the first {options.Duration.TotalSeconds:0} s."
        );
        table.AddNote($"Resident memory, MiB: {before / MiB:0} before, {peak / MiB:0} peak until all calls were purged.");
        report.WriteTable(table);

        void Add(string name, Measurement measured) =>
            table.AddRow(
                name,
                $"{measured.Load.RequestsPerSecond:N0}",
                $"{measured.Load.P50 / 1000.0:0.00}",
                $"{measured.Load.P99 / 1000.0:0.00}",
                $"{measured.Load.Errors}"
            );

        async Task<Measurement> Accept(TimeSpan duration)
        {
            var measured = await Measurement.Run(testbed.SiloTarget, Paths.NoResponse, Connections, duration, cancellationToken);
            Report.WriteProgress($"  {measured}");
            if (measured.Load.Errors > 0)
                report.RecordFailure($"sweep: {measured}");
            return measured;
        }
    }

    private static async Task Fill(Testbed testbed, int count, Report report, CancellationToken cancellationToken)
    {
        using var caller = new CallClient(testbed.SiloTarget, Paths.Prediction);
        if (await caller.SubmitAll(count, Connections, cancellationToken) is > 0 and var rejected)
            report.RecordFailure($"sweep: {rejected} of {count} calls were not accepted");
        await testbed.Calls.WaitForEnd(WaitTimeout, cancellationToken);
        Report.WriteProgress($"  {count:N0} calls completed");
    }

    private static async Task<TimeSpan> MeasurePurge(Testbed testbed, string due, long began, CancellationToken cancellationToken)
    {
        await WaitForDue(testbed, due, remaining => remaining == 0, cancellationToken);
        return TimeProvider.System.GetElapsedTime(began);
    }

    private static async Task WaitForDue(Testbed testbed, string due, Func<long, bool> isReached, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(WaitTimeout);
        while (!isReached(testbed.Calls.CountDue(due)))
            await Task.Delay(PollInterval, TimeProvider.System, timeout.Token);
    }

    private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text);
}
