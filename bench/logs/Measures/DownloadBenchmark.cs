using System.Globalization;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>The longest log that the settings allow, as a file.</summary>
internal sealed class DownloadBenchmark : IBenchmark
{
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.Raise(
            cancellationToken,
            "--Logs:MaxLines",
            $"{options.Kept}",
            "--Logs:MaxBytes",
            $"{1 << 30}",
            "--LocalProcess:MaxBufferedLogLines",
            $"{Math.Max(100, options.Kept)}",
            "--LocalProcess:MaxBufferedLogBytes",
            $"{1 << 30}",
            "--Logs:MaxLinesPerSecond",
            "1000000",
            "--Logs:MaxBytesPerSecond",
            $"{1 << 30}"
        );
        var loud = await stage.Deploy("loud", cancellationToken);
        var silo = stage.Silo.ProcessId;
        var before = await Footprint.Of(silo, cancellationToken);
        Report.Progress($"filling a log with {options.Kept} lines");
        var seconds = Math.Max(1, (options.Kept / options.Rate) + 1);
        var written = long.Parse(
            await stage.Ask(loud, $"/flood/log/{options.Rate}/{seconds * 1000}", cancellationToken),
            CultureInfo.InvariantCulture
        );
        var last = $"flood {written - 1:D12}";
        var began = TimeProvider.System.GetTimestamp();
        while (
            (await Read(stage, loud.Name, $"?search={Uri.EscapeDataString(last)}", cancellationToken)).Lines == 0
            && TimeProvider.System.GetElapsedTime(began) < Patience
        )
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, cancellationToken);
        var filled = await Footprint.Of(silo, cancellationToken);

        var table = new Table(
            $"A log of {options.Kept:N0} lines (Logs:MaxLines) as a file",
            "",
            "lines",
            "MiB",
            "s",
            "the silo's CPU, s",
            "resident MiB before, at most"
        );
        foreach (
            var (what, query) in new[]
            {
                ("all of it", ""),
                ("a search that one line fits", $"?search={Uri.EscapeDataString(last)}"),
                ("a search that nothing fits", "?search=nothing%20of%20it"),
            }
        )
        {
            Report.Progress(what);
            Memory.ForgetPeak(silo);
            var (processor, resident) = (ProcessorTime.Of(silo), Memory.Resident(silo));
            var (lines, bytes, took) = await Read(stage, loud.Name, query, cancellationToken);
            table.Add(
                what,
                $"{lines:N0}",
                $"{bytes / MiB:0.0}",
                $"{took.TotalSeconds:0.00}",
                $"{ProcessorTime.Of(silo) - processor:0.00}",
                $"{resident / MiB:0}, {Memory.Peak(silo) / MiB:0}"
            );
        }

        table.Note(
            $"The silo with that log: managed heap {before.Heap / MiB:0.0} MiB before, {filled.Heap / MiB:0.0} with it; {written:N0} lines were written."
        );
        report.Add(table);
    }

    private static async Task<(long Lines, long Bytes, TimeSpan Took)> Read(
        Stage stage,
        string name,
        string query,
        CancellationToken cancellationToken
    )
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var stream = await stage.Download(name, query, cancellationToken);
        var buffer = new byte[256 * 1024];
        var (lines, bytes) = (0L, 0L);
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; bytes += count)
            lines += buffer.AsSpan(0, count).Count((byte)'\n');
        return (lines, bytes, TimeProvider.System.GetElapsedTime(began));
    }
}
