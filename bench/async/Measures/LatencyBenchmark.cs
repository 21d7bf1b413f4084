using DeployCard.Bench.Async.Targets;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Reports;

namespace DeployCard.Bench.Async.Measures;

/// <summary>Compares asynchronous calls, one at a time on an idle system, with the same request sent synchronously.</summary>
internal sealed class LatencyBenchmark : IBenchmark
{
    private const int WarmUp = 200;
    private static readonly TimeSpan DelayBetweenRequests = TimeSpan.FromMilliseconds(10);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("latency");
        using var model = new CallClient(testbed.SiloTarget with { Headers = [] }, Paths.Prediction);
        using var calls = new CallClient(testbed.SiloTarget, Paths.Prediction);
        await Measure(model, calls, WarmUp, cancellationToken);
        var all = await Measure(model, calls, options.Tries, cancellationToken);

        var table = new Table($"One call at a time, in ms ({options.Tries} calls, 1 KiB in, 1 KiB out)", "", "p50", "p99");
        Add("synchronous request (the model's own time)", t => t.Model);
        Add("asynchronous call: sent to accepted (202)", t => t.Accepted);
        Add("asynchronous call: sent to observed completion", t => t.Completed);
        Add("asynchronous call: accepted to completed, by the silo's clock", t => t.ByClock);
        table.AddNote(
            TargetValue
                .AtMost("p50 of observed completion minus synchronous request, ms", 10)
                .Evaluate(new([P50(t => t.Completed) - P50(t => t.Model)]))
        );
        table.AddNote(
            "Observed completion: the call is polled over one connection without a delay, so the time is late by at most one poll."
        );
        report.WriteTable(table);

        double P50(Func<Times, double> value) => new Spread(all.Select(value)).Median;
        void Add(string what, Func<Times, double> value)
        {
            var spread = new Spread(all.Select(value));
            table.AddRow(what, $"{spread.Median:0.00}", $"{spread.Percentile(0.99):0.00}");
        }
    }

    private static async Task<List<Times>> Measure(CallClient model, CallClient calls, int count, CancellationToken cancellationToken)
    {
        var all = new List<Times>();
        for (var i = 0; i < count; i++)
        {
            await Task.Delay(DelayBetweenRequests, TimeProvider.System, cancellationToken);
            var began = TimeProvider.System.GetTimestamp();
            await model.Send(cancellationToken);
            var synchronous = Since(began);
            await Task.Delay(DelayBetweenRequests, TimeProvider.System, cancellationToken);
            began = TimeProvider.System.GetTimestamp();
            var id = await calls.Submit(cancellationToken);
            var accepted = Since(began);
            var ended = await calls.WaitForEnd(id, cancellationToken);
            all.Add(new(synchronous, accepted, Since(began), (ended.EndedAt!.Value - ended.CreatedAt).TotalMilliseconds));
        }

        return all;
    }

    private static double Since(long began) => TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;

    private sealed record Times(double Model, double Accepted, double Completed, double ByClock);
}
