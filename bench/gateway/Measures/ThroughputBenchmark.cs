using DeployCard.Bench.Gateway.Load;
using DeployCard.Bench.Gateway.Reports;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Requests per second and latencies of every way to the pod, in turn.</summary>
internal sealed class ThroughputBenchmark(IReadOnlyList<Scenario> scenarios) : IBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        foreach (var scenario in scenarios)
        {
            Report.Progress($"throughput, {scenario.Title}");
            foreach (var target in stage.Targets)
                await Wrk.Run(target, scenario.Path, scenario.Connections, WarmUp, cancellationToken);
            var rounds = new List<Round>();
            for (var i = 0; i < options.Rounds; i++)
                rounds.Add(await RunRound(i, scenario, stage.Targets, options.Duration, report, cancellationToken));
            report.Add(TableOf(scenario, stage.Targets, rounds));
        }
    }

    /// <summary>Everyone once. Each round begins with another one, so that nobody always comes after the same.</summary>
    private static async Task<Round> RunRound(
        int number, Scenario scenario, IReadOnlyList<Target> targets, TimeSpan duration, Report report, CancellationToken cancellationToken)
    {
        var results = new Dictionary<string, WrkResult>();
        for (var i = 0; i < targets.Count; i++)
        {
            var target = targets[(number + i) % targets.Count];
            var result = await Wrk.Run(target, scenario.Path, scenario.Connections, duration, cancellationToken);
            results[target.Name] = result;
            Report.Progress($"  round {number + 1}  {target.Name,-10}  {result}");
            if (result.Errors > 0)
                report.Fail($"throughput, {scenario.Title}, {target.Name}: {result}");
        }

        return new(results);
    }

    private static Table TableOf(Scenario scenario, IReadOnlyList<Target> targets, List<Round> rounds)
    {
        var table = new Table($"Throughput: {scenario.Title} (medians of {rounds.Count} rounds)", "", "requests/s", "p50 ms", "p99 ms", "errors");
        foreach (var name in targets.Select(t => t.Name))
        {
            var results = rounds.Select(r => r.Results[name]).ToList();
            table.Add(
                name, $"{Median(results, r => r.RequestsPerSecond):N0}", $"{Median(results, r => r.P50) / 1000:0.00}", $"{Median(results, r => r.P99) / 1000:0.00}",
                $"{results.Sum(r => r.Errors)}");
        }

        foreach (var peer in targets.Select(t => t.Name).Where(n => n is Target.BareYarp or Target.Nginx))
        {
            var throughput = new Spread(rounds.Select(r => r.ThroughputAgainst(peer)));
            var p99 = new Spread(rounds.Select(r => r.P99Against(peer)));
            var what = $"requests/s of {peer}'s";
            table.Note(scenario.IsBar ? Bar.AtLeast(what, peer == Target.BareYarp ? 0.95 : 1.0).Judge(throughput) : $"{what}: {throughput.ToString("0.00")}");
            what = $"p99 of {peer}'s";
            table.Note(scenario.IsBar && peer == Target.BareYarp ? Bar.AtMost(what, 1.15).Judge(p99) : $"{what}: {p99.ToString("0.00")}");
        }

        return table;
    }

    private static double Median(IEnumerable<WrkResult> results, Func<WrkResult, double> value) => new Spread(results.Select(value)).Median;
}
