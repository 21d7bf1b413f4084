using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Many calls over their retention at once while others are accepted.</summary>
internal sealed class SweepBenchmark : IBenchmark
{
    private const int Connections = 64;
    private const int WarmUps = 3;
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>The silo sweeps when it starts and every minute; they are due in between.</summary>
    private static readonly TimeSpan DueAfter = TimeSpan.FromSeconds(50);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("sweep");
        await Fill(stage, options.Due, report, cancellationToken);
        var due = "";
        await stage.Restart(
            calls => calls.SetDue(Parse(due = CallDatabase.Text(TimeProvider.System.GetUtcNow() + DueAfter))),
            cancellationToken
        );

        // Both the code and the database's pages are cold after a start.
        for (var i = 0; i < WarmUps; i++)
            await Accept(WarmUp);
        var without = await Accept(options.Duration);
        var before = Memory.Resident(stage.Silo.ProcessId);
        Memory.ForgetPeak(stage.Silo.ProcessId);
        Report.Progress("  waiting for the sweep");
        await WaitForDue(stage, due, left => left < options.Due, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        var gone = GoneAfter(stage, due, began, cancellationToken);
        var with = await Accept(options.Duration);
        var took = await gone;
        var peak = Memory.Peak(stage.Silo.ProcessId);
        var after = await Accept(options.Duration);

        var table = new Table(
            $"Retention: {options.Due:N0} calls over it at once, while others are accepted ({Connections} connections, 1 KiB)",
            "",
            "accepts/s",
            "p50 ms",
            "p99 ms",
            "errors"
        );
        Add("before the sweep", without);
        Add("during the sweep", with);
        Add("after the sweep", after);
        table.Note(
            $"All {options.Due:N0} were gone after {took.TotalSeconds:0.0} s: {options.Due / took.TotalSeconds:N0} rows/s; the load ran for the first {options.Duration.TotalSeconds:0} s of it."
        );
        table.Note($"Resident memory, MiB: {before / MiB:0} before, {peak / MiB:0} at most until they were gone.");
        report.Add(table);

        void Add(string name, Measurement measured) =>
            table.Add(
                name,
                $"{measured.Load.RequestsPerSecond:N0}",
                $"{measured.Load.P50 / 1000.0:0.00}",
                $"{measured.Load.P99 / 1000.0:0.00}",
                $"{measured.Load.Errors}"
            );

        async Task<Measurement> Accept(TimeSpan duration)
        {
            var measured = await Measurement.Take(stage.Ours, Paths.Never, Connections, duration, cancellationToken);
            Report.Progress($"  {measured}");
            if (measured.Load.Errors > 0)
                report.Fail($"sweep: {measured}");
            return measured;
        }
    }

    private static async Task Fill(Stage stage, int count, Report report, CancellationToken cancellationToken)
    {
        using var caller = new Caller(stage.Ours, Paths.Prediction);
        if (await caller.AcceptAll(count, Connections, cancellationToken) is > 0 and var refused)
            report.Fail($"sweep: {refused} of {count} calls were not accepted");
        await stage.Calls.WaitForEnd(Patience, cancellationToken);
        Report.Progress($"  {count:N0} calls completed");
    }

    private static async Task<TimeSpan> GoneAfter(Stage stage, string due, long began, CancellationToken cancellationToken)
    {
        await WaitForDue(stage, due, left => left == 0, cancellationToken);
        return TimeProvider.System.GetElapsedTime(began);
    }

    private static async Task WaitForDue(Stage stage, string due, Func<long, bool> isSo, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Patience);
        while (!isSo(stage.Calls.Due(due)))
            await Task.Delay(Look, TimeProvider.System, late.Token);
    }

    private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text);
}
