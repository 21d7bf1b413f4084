using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Logs.Load;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>A pod that writes a hundred thousand lines a second, and nothing else: what becomes of its lines, what each costs, and who else is held up.</summary>
internal sealed class FloodBenchmark : IBenchmark
{
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.Raise(cancellationToken);
        var (loud, ticking) = (await stage.Deploy("loud", cancellationToken), await stage.Deploy("ticking", cancellationToken));
        Report.Progress("a flood to warm up");
        await stage.Flood(loud, toLog: true, options, cancellationToken);
        await Task.Delay(Rest, TimeProvider.System, cancellationToken);
        var (ticks, count) = (new TickReader(), new LineCount());
        await using var tail = await LogSocket.Connect(stage.Silo.Origin, stage.Silo.Token, ticks.Read, cancellationToken);
        await tail.Subscribe("1", ticking.Name, 1, cancellationToken);
        var silo = stage.Silo.ProcessId;
        var before = await Footprint.Of(silo, cancellationToken);
        Memory.ForgetPeak(silo);

        Report.Progress("a flood that nobody watches");
        var processor = ProcessorTime.Of(silo);
        var unwatched = await stage.Flood(loud, toLog: true, options, cancellationToken);
        var cost = ProcessorTime.Of(silo) - processor;
        await Task.Delay(Rest, TimeProvider.System, cancellationToken);

        Report.Progress("a flood that somebody watches");
        await using var watcher = await LogSocket.Connect(stage.Silo.Origin, stage.Silo.Token, count.Read, cancellationToken);
        await watcher.Subscribe("1", loud.Name, 1, cancellationToken);
        await Until(() => count.All > 0, cancellationToken);
        count.Begin();
        var watching = stage.Flood(loud, toLog: true, options, cancellationToken);
        await stage.Ask(
            ticking,
            $"/ticks/{(int)(options.Duration / options.Pause)}/{options.Pause.TotalMilliseconds:0}",
            cancellationToken
        );
        var written = await watching;
        await Until(() => count.All >= written, cancellationToken);
        var after = await Footprint.Of(silo, cancellationToken);
        if (count.All != written)
            report.Fail($"{written} lines were written, and {count.All} shown or told as left out.");
        if (count.Disordered > 0)
            report.Fail($"{count.Disordered} lines were out of order.");

        var table = new Table(
            $"A flood of {options.Rate:N0} lines/s of 100 bytes for {options.Duration.TotalSeconds:0} s, and nothing else",
            "",
            ""
        );
        table.Add("lines written while nobody watched", $"{unwatched:N0}");
        table.Add("the silo's processor time for each of them, µs", $"{cost * 1e6 / unwatched:0.00}");
        table.Add("lines written while somebody watched", $"{written:N0}");
        Tell(table, count);
        table.Add("another deployment's lines to their watcher meanwhile, p50 and p99, ms", Percentiles(ticks));
        table.Add(
            "resident memory before, at most, after, MiB",
            $"{before.Resident / MiB:0}, {Memory.Peak(silo) / MiB:0}, {after.Resident / MiB:0}"
        );
        table.Add("managed heap after a collection before, after, MiB", $"{before.Heap / MiB:0.0}, {after.Heap / MiB:0.0}");
        report.Add(table);
    }

    private static void Tell(Table table, LineCount count)
    {
        table.Add("of these shown", $"{count.Shown:N0}");
        table.Add("left out, as the log's marks tell", $"{count.Marked:N0}");
        table.Add("left out, as this watcher is told", $"{count.LeftOut:N0}");
        table.Add("out of order", $"{count.Disordered:N0}");
    }

    private static string Percentiles(TickReader ticks) =>
        ticks.Count == 0 ? "none came" : $"{new Spread(ticks.Delays).Percentile(0.5):0.0}, {new Spread(ticks.Delays).Percentile(0.99):0.0}";

    /// <summary>Waits; gives up quietly, for what was not reached is told.</summary>
    private static async Task Until(Func<bool> holds, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!holds() && TimeProvider.System.GetElapsedTime(began) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
    }
}
