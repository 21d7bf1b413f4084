using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Calls from end to end: accepted as fast as possible, until all are completed.</summary>
internal sealed class ThroughputBenchmark : IBenchmark
{
    private const int Connections = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("throughput");
        await Once(stage, TimeSpan.FromSeconds(6), report, cancellationToken);
        var all = new List<Result>();
        for (var i = 0; i < options.Rounds; i++)
            all.Add(await Once(stage, options.Duration, report, cancellationToken));

        var table = new Table(
            $"From end to end: {Connections} connections, an instant model (medians of {options.Rounds} rounds)",
            "",
            "measured"
        );
        table.Add("accepted meanwhile, calls/s", Told(r => r.AcceptedPerSecond));
        table.Add("completed, calls/s from the first one sent to the last one completed", Told(r => r.CompletedPerSecond));
        table.Add("silo's CPU, µs for one call from end to end", Told(r => r.Processor));
        report.Add(table);

        string Told(Func<Result, double> value) => new Spread(all.Select(value)).ToString("N0");
    }

    private static async Task<Result> Once(Stage stage, TimeSpan duration, Report report, CancellationToken cancellationToken)
    {
        var (rows, processor) = (stage.Calls.Count(), ProcessorTime.Of(stage.Silo.ProcessId));
        var began = TimeProvider.System.GetTimestamp();
        var load = await Measurement.Take(stage.Ours, Paths.Prediction, Connections, duration, cancellationToken);
        await stage.Calls.WaitForEnd(Patience, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var calls = stage.Calls.Count() - rows;
        var result = new Result(
            load.Load.RequestsPerSecond,
            calls / took,
            (ProcessorTime.Of(stage.Silo.ProcessId) - processor) * 1e6 / calls
        );
        Report.Progress(
            $"  {calls:N0} calls in {took:0.00} s: {result.AcceptedPerSecond:N0} accepted/s, {result.CompletedPerSecond:N0} completed/s, {result.Processor:N0} µs/call"
        );
        if (load.Load.Errors > 0 || calls < load.Load.Requests)
            report.Fail($"throughput: {load}, {calls} rows");
        return result;
    }

    private sealed record Result(double AcceptedPerSecond, double CompletedPerSecond, double Processor);
}
