using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Measures calls end to end: accepts as many as possible, then waits until all are completed.</summary>
internal sealed class ThroughputBenchmark : IBenchmark
{
    private const int Connections = 64;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("throughput");
        await RunOnce(testbed, TimeSpan.FromSeconds(6), report, cancellationToken);
        var all = new List<Result>();
        for (var i = 0; i < options.Rounds; i++)
            all.Add(await RunOnce(testbed, options.Duration, report, cancellationToken));

        var table = new Table(
            $"End to end: {Connections} connections, an instant model (medians of {options.Rounds} rounds)",
            "",
            "measured"
        );
        table.AddRow("accepted under load, calls/s", Format(r => r.AcceptedPerSecond));
        table.AddRow("completed, calls/s from the first request to the last completion", Format(r => r.CompletedPerSecond));
        table.AddRow("silo CPU, µs per call end to end", Format(r => r.Processor));
        report.WriteTable(table);

        string Format(Func<Result, double> value) => new Spread(all.Select(value)).ToString("N0");
    }

    private static async Task<Result> RunOnce(Testbed testbed, TimeSpan duration, Report report, CancellationToken cancellationToken)
    {
        var (rows, processor) = (testbed.Calls.Count(), ProcessorTime.GetSeconds(testbed.Silo.ProcessId));
        var began = TimeProvider.System.GetTimestamp();
        var load = await Measurement.Run(testbed.SiloTarget, Paths.Prediction, Connections, duration, cancellationToken);
        await testbed.Calls.WaitForEnd(WaitTimeout, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var calls = testbed.Calls.Count() - rows;
        var result = new Result(
            load.Load.RequestsPerSecond,
            calls / took,
            (ProcessorTime.GetSeconds(testbed.Silo.ProcessId) - processor) * 1e6 / calls
        );
        Report.WriteProgress(
            $"  {calls:N0} calls in {took:0.00} s: {result.AcceptedPerSecond:N0} accepted/s, "
                + $"{result.CompletedPerSecond:N0} completed/s, {result.Processor:N0} µs/call"
        );
        if (load.Load.Errors > 0 || calls < load.Load.Requests)
            report.RecordFailure($"throughput: {load}, {calls} rows");
        return result;
    }

    private sealed record Result(double AcceptedPerSecond, double CompletedPerSecond, double Processor);
}
