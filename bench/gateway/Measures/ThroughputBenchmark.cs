using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Requests per second and latencies of every way to the pod, in turn.</summary>
internal sealed class ThroughputBenchmark(IReadOnlyList<Scenario> scenarios) : IBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        foreach (var scenario in scenarios)
        {
            Report.Progress($"throughput, {scenario.Title}");
            await RunRound("warm-up", 0, scenario, stage.Targets, WarmUp, report, cancellationToken);
            var rounds = new List<Round>();
            for (var i = 0; i < options.Rounds; i++)
                rounds.Add(await RunRound($"round {i + 1}", i, scenario, stage.Targets, options.Duration, report, cancellationToken));
            report.Add(TableOf(scenario, stage.Targets, rounds));
        }
    }

    /// <summary>Everyone once. Each round begins with another one, so that nobody always comes after the same.</summary>
    private static async Task<Round> RunRound(
        string title,
        int first,
        Scenario scenario,
        IReadOnlyList<Target> targets,
        TimeSpan duration,
        Report report,
        CancellationToken cancellationToken
    )
    {
        var results = new Dictionary<string, Measurement>();
        for (var i = 0; i < targets.Count; i++)
        {
            var target = targets[(first + i) % targets.Count];
            var result = await Measurement.Take(target, scenario.Path, scenario.Connections, duration, cancellationToken);
            results[target.Name] = result;
            Report.Progress($"  {title}  {target.Name.PadRight(10)}  {result}");
            if (result.Load.Errors > 0)
                report.Fail($"throughput, {scenario.Title}, {title}, {target.Name}: {result}");
        }

        return new(results);
    }

    private static Table TableOf(Scenario scenario, IReadOnlyList<Target> targets, List<Round> rounds)
    {
        var table = new Table(
            $"Throughput: {scenario.Title} (medians of {rounds.Count} rounds)",
            "",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "proxy's CPU, µs/request",
            "errors"
        );
        foreach (var name in targets.Select(t => t.Name))
        {
            double Median(Func<Measurement, double> value) => new Spread(rounds.Select(r => value(r.Results[name]))).Median;
            table.Add(
                name,
                $"{Median(PerSecond):N0}",
                $"{Median(m => m.Load.P50) / 1000:0.00}",
                $"{Median(P99) / 1000:0.00}",
                name == Target.Alone ? "–" : $"{Median(Processor):0.0}",
                $"{rounds.Sum(r => r.Results[name].Load.Errors)}"
            );
        }

        foreach (var peer in targets.Select(t => t.Name).Where(n => n is Target.BareYarp or Target.Nginx))
        {
            Spread Against(Func<Measurement, double> value) => new(rounds.Select(r => r.Against(peer, value)));
            Compare($"requests/s of {peer}'s", Against(PerSecond), what => Bar.AtLeast(what, peer == Target.BareYarp ? 0.95 : 1.0));
            Compare($"p99 of {peer}'s", Against(P99), what => peer == Target.BareYarp ? Bar.AtMost(what, 1.15) : null);
            Compare($"CPU per request of {peer}'s", Against(Processor), _ => null);
        }

        if (targets.All(t => t.Name != Target.Nginx))
            table.Note("nginx is not installed and left out (the Debian package: nginx-light).");
        return table;

        void Compare(string what, Spread measured, Func<string, Bar?> bar) =>
            table.Note((scenario.IsBar ? bar(what) : null)?.Judge(measured) ?? $"{what}: {measured.ToString("0.00")}");
    }

    private static double PerSecond(Measurement measured) => measured.Load.RequestsPerSecond;

    private static double P99(Measurement measured) => measured.Load.P99;

    private static double Processor(Measurement measured) => measured.Processor;
}
