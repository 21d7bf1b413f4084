using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>One call at a time on an idle system, beside the same request made synchronously.</summary>
internal sealed class LatencyBenchmark : IBenchmark
{
    private const int WarmUp = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("latency");
        using var model = new Caller(stage.Ours with { Headers = [] }, Paths.Prediction);
        using var calls = new Caller(stage.Ours, Paths.Prediction);
        await Measure(model, calls, WarmUp, cancellationToken);
        var all = await Measure(model, calls, options.Tries, cancellationToken);

        var table = new Table($"One call at a time, in ms ({options.Tries} calls, 1 KiB in, 1 KiB out)", "", "p50", "p99");
        Add("the model's own time: the same request, synchronous", t => t.Model);
        Add("asynchronous: sent until accepted (202)", t => t.Accepted);
        Add("asynchronous: sent until seen completed", t => t.Completed);
        Add("asynchronous: accepted until completed, by the silo's clock", t => t.ByClock);
        table.Note(
            Bar.AtMost("ms more than the model's own time until seen completed, p50", 10)
                .Judge(new([P50(t => t.Completed) - P50(t => t.Model)]))
        );
        table.Note(
            "Seen completed: the call is asked for over one connection without a pause, so that the answer is late by at most one such request."
        );
        report.Add(table);

        double P50(Func<Times, double> value) => new Spread(all.Select(value)).Median;
        void Add(string what, Func<Times, double> value)
        {
            var spread = new Spread(all.Select(value));
            table.Add(what, $"{spread.Median:0.00}", $"{spread.Percentile(0.99):0.00}");
        }
    }

    private static async Task<List<Times>> Measure(Caller model, Caller calls, int count, CancellationToken cancellationToken)
    {
        var all = new List<Times>();
        for (var i = 0; i < count; i++)
        {
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            var began = TimeProvider.System.GetTimestamp();
            await model.Send(cancellationToken);
            var synchronous = Since(began);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            began = TimeProvider.System.GetTimestamp();
            var id = await calls.Accept(cancellationToken);
            var accepted = Since(began);
            var ended = await calls.WaitForEnd(id, cancellationToken);
            all.Add(new(synchronous, accepted, Since(began), (ended.EndedAt!.Value - ended.CreatedAt).TotalMilliseconds));
        }

        return all;
    }

    private static double Since(long began) => TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;

    private sealed record Times(double Model, double Accepted, double Completed, double ByClock);
}
