using System.Globalization;
using DeployCard.Bench.Common.Load;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Logs.Load;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>
/// A pod that writes a hundred thousand lines a second: what others notice of it, what becomes of its lines, and what it costs. Beside it, as the peer,
/// a pod that makes the same lines and writes them nowhere: both take a part of the machine, only the difference is the log's.
/// </summary>
internal sealed class FloodBenchmark : IBenchmark
{
    private const string Predict = "/v1/models/bench:predict";
    private const int Connections = 16;
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Ways = ["no flood", "flood to nothing", "flood to the log"];

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.Raise(cancellationToken);
        var (calm, loud) = (await stage.Deploy("calm", cancellationToken), await stage.Deploy("loud", cancellationToken));
        await Wrk.Run(calm, Predict, Connections, WarmUp, cancellationToken);
        await Wrk.Run(loud, Predict, Connections, WarmUp, cancellationToken);
        await Beside(stage, calm, loud, options, report, cancellationToken);
        await Alone(stage, loud, options, report, cancellationToken);
    }

    private static async Task Beside(Stage stage, Target calm, Target loud, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var rounds = new List<Dictionary<string, Seen>>();
        for (var i = 0; i < options.Rounds; i++)
        {
            var round = new Dictionary<string, Seen>();
            // Each way has its turn at the beginning.
            for (var j = 0; j < Ways.Length; j++)
            {
                var way = Ways[(i + j) % Ways.Length];
                Report.Progress($"beside a flood, round {i + 1} of {options.Rounds}: {way}");
                round[way] = await See(stage, calm, loud, way, options, cancellationToken);
                Report.Progress($"  {round[way].Calm}; the loud one: {round[way].Loud}");
                await Task.Delay(Rest, TimeProvider.System, cancellationToken);
            }

            rounds.Add(round);
        }

        var table = new Table(
            $"Predictions beside a flood of {options.Rate:N0} lines/s ({Connections} connections, 1 KiB; medians of {options.Rounds} rounds of {options.Duration.TotalSeconds:0} s)",
            "", "lines/s written", "another deployment: requests/s", "p99 ms", "of it without a flood", "the loud one itself, 1 connection: p50 ms", "p99 ms", "errors");
        foreach (var way in Ways)
        {
            string Middle(Func<Seen, double> value, string format) => new Spread(rounds.Select(r => value(r[way]))).ToString(format);
            table.Add(
                way, Middle(s => s.Written / options.Duration.TotalSeconds, "N0"), Middle(s => s.Calm.RequestsPerSecond, "N0"), Middle(s => s.Calm.P99 / 1e3, "0.0"),
                new Spread(rounds.Select(r => r[way].Calm.RequestsPerSecond / r[Ways[0]].Calm.RequestsPerSecond)).ToString("0.00"),
                Middle(s => s.Loud.P50 / 1e3, "0.0"), Middle(s => s.Loud.P99 / 1e3, "0.0"), $"{rounds.Sum(r => r[way].Calm.Errors + r[way].Loud.Errors)}");
        }

        table.Note($"Requests/s with a flood to the log, of those with a flood to nothing: {new Spread(rounds.Select(r => r[Ways[2]].Calm.RequestsPerSecond / r[Ways[1]].Calm.RequestsPerSecond)).ToString("0.00")}");
        report.Add(table);
        if (rounds.Any(r => r.Values.Any(s => s.Calm.Errors + s.Loud.Errors > 0)))
            report.Fail("Predictions beside a flood had errors.");
    }

    private static async Task<Seen> See(Stage stage, Target calm, Target loud, string way, BenchOptions options, CancellationToken cancellationToken)
    {
        var flood = way == Ways[0] ? Task.FromResult(0L) : Flood(stage, loud, way == Ways[2], options, cancellationToken);
        var other = Wrk.Run(loud, Predict, 1, options.Duration, cancellationToken);
        var load = await Wrk.Run(calm, Predict, Connections, options.Duration, cancellationToken);
        return new(await flood, load, await other);
    }

    /// <summary>Nothing else runs: what a line costs, what is told of it, and who else is held up.</summary>
    private static async Task Alone(Stage stage, Target loud, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        var ticking = await stage.Deploy("ticking", cancellationToken);
        var (ticks, count) = (new TickReader(), new LineCount());
        await using var tail = await LogSocket.Connect(stage.Silo, ticks.Read, cancellationToken);
        await tail.Subscribe("1", ticking.Name, 1, cancellationToken);
        var silo = stage.Silo.ProcessId;
        var before = await Footprint.Of(silo, cancellationToken);
        Memory.ForgetPeak(silo);

        Report.Progress("a flood that nobody watches");
        var processor = ProcessorTime.Of(silo);
        var unwatched = await Flood(stage, loud, toLog: true, options, cancellationToken);
        var cost = ProcessorTime.Of(silo) - processor;
        await Task.Delay(Rest, TimeProvider.System, cancellationToken);

        Report.Progress("a flood that somebody watches");
        await using var watcher = await LogSocket.Connect(stage.Silo, count.Read, cancellationToken);
        await watcher.Subscribe("1", loud.Name, 1, cancellationToken);
        await Until(() => count.All > 0, cancellationToken);
        count.Begin();
        var watching = Flood(stage, loud, toLog: true, options, cancellationToken);
        await stage.Ask(ticking, $"/ticks/{(int)(options.Duration / options.Pause)}/{options.Pause.TotalMilliseconds:0}", cancellationToken);
        var written = await watching;
        await Until(() => count.All >= written, cancellationToken);
        var after = await Footprint.Of(silo, cancellationToken);

        var table = new Table($"A flood of {options.Rate:N0} lines/s of 100 bytes for {options.Duration.TotalSeconds:0} s, and nothing else", "", "");
        table.Add("lines written while nobody watched", $"{unwatched:N0}");
        table.Add("the silo's processor time for each of them, µs", $"{cost * 1e6 / unwatched:0.00}");
        table.Add("lines written while somebody watched", $"{written:N0}");
        table.Add("of these shown", $"{count.Shown:N0}");
        table.Add("left out, as the log's marks tell", $"{count.Marked:N0}");
        table.Add("left out, as this watcher is told", $"{count.LeftOut:N0}");
        table.Add("out of order", $"{count.Disordered:N0}");
        table.Add("another deployment's lines to their watcher meanwhile, p50 and p99, ms", Percentiles(ticks));
        table.Add("resident memory before, at most, after, MiB", $"{before.Resident / MiB:0}, {Memory.Peak(silo) / MiB:0}, {after.Resident / MiB:0}");
        table.Add("managed heap after a collection before, after, MiB", $"{before.Heap / MiB:0.0}, {after.Heap / MiB:0.0}");
        report.Add(table);
        if (count.All != written)
            report.Fail($"{written} lines were written, and {count.All} shown or told as left out.");
        if (count.Disordered > 0)
            report.Fail($"{count.Disordered} lines were out of order.");
    }

    private static async Task<long> Flood(Stage stage, Target loud, bool toLog, BenchOptions options, CancellationToken cancellationToken) => long.Parse(
        await stage.Ask(loud, $"/flood/{(toLog ? "log" : "nothing")}/{options.Rate}/{options.Duration.TotalMilliseconds:0}", cancellationToken), CultureInfo.InvariantCulture);

    private static string Percentiles(TickReader ticks) => ticks.Count == 0
        ? "none came"
        : $"{new Spread(ticks.Delays).Percentile(0.5):0.0}, {new Spread(ticks.Delays).Percentile(0.99):0.0}";

    /// <summary>Waits; gives up quietly, for what was not reached is told.</summary>
    private static async Task Until(Func<bool> holds, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds() && TimeProvider.System.GetElapsedTime(began) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
    }

    private sealed record Seen(long Written, WrkResult Calm, WrkResult Loud);
}
