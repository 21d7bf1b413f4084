using DeployCard.Bench.Common.Measures;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Measures requests per second and latencies of every target, one target after the other.</summary>
internal sealed class ThroughputBenchmark(IReadOnlyList<Scenario> scenarios) : IBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        foreach (var scenario in scenarios)
        {
            Report.WriteProgress($"throughput, {scenario.Title}");
            await RunRound("warm-up", 0, scenario, testbed.Targets, WarmUp, report, cancellationToken);
            var rounds = new List<Round>();
            for (var i = 0; i < options.Rounds; i++)
                rounds.Add(await RunRound($"round {i + 1}", i, scenario, testbed.Targets, options.Duration, report, cancellationToken));
            report.WriteTable(CreateTable(scenario, testbed.Targets, rounds));
        }
    }

    /// <summary>
    /// Measures every target once. The order rotates from round to round, so that no target always has the same position.
    /// </summary>
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
            var result = await Measurement.Run(target, scenario.Path, scenario.Connections, duration, cancellationToken);
            results[target.Name] = result;
            Report.WriteProgress($"  {title}  {target.Name.PadRight(10)}  {result}");
            if (result.Load.Errors > 0)
                report.RecordFailure($"throughput, {scenario.Title}, {title}, {target.Name}: {result}");
        }

        return new(results);
    }

    private static Table CreateTable(Scenario scenario, IReadOnlyList<Target> targets, List<Round> rounds)
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
            table.AddRow(
                name,
                $"{Median(PerSecond):N0}",
                $"{Median(m => m.Load.P50) / 1000:0.00}",
                $"{Median(P99) / 1000:0.00}",
                name == Target.PodAlone ? "–" : $"{Median(Processor):0.0}",
                $"{rounds.Sum(r => r.Results[name].Load.Errors)}"
            );
        }

        foreach (var peer in targets.Select(t => t.Name).Where(n => n is Target.BareYarp or Target.Nginx))
        {
            Spread RatioTo(Func<Measurement, double> value) => new(rounds.Select(r => r.RatioTo(peer, value)));
            Compare(
                $"requests/s relative to {peer}",
                RatioTo(PerSecond),
                label => TargetValue.AtLeast(label, peer == Target.BareYarp ? 0.95 : 1.0)
            );
            Compare($"p99 relative to {peer}", RatioTo(P99), label => peer == Target.BareYarp ? TargetValue.AtMost(label, 1.15) : null);
            Compare($"CPU per request relative to {peer}", RatioTo(Processor), _ => null);
        }

        if (targets.All(t => t.Name != Target.Nginx))
            table.AddNote("nginx was skipped because it is not installed (Debian package: nginx-light).");
        return table;

        void Compare(string label, Spread measured, Func<string, TargetValue?> targetValue) =>
            table.AddNote(
                (scenario.HasTargetValues ? targetValue(label) : null)?.Evaluate(measured) ?? $"{label}: {measured.ToString("0.00")}"
            );
    }

    private static double PerSecond(Measurement measured) => measured.Load.RequestsPerSecond;

    private static double P99(Measurement measured) => measured.Load.P99;

    private static double Processor(Measurement measured) => measured.CpuPerRequest;
}
