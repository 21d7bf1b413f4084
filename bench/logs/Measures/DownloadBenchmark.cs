using System.Globalization;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>Measures the download of a log of the maximum length, whole and filtered by a search.</summary>
internal sealed class DownloadBenchmark : IBenchmark
{
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var testbed = await Testbed.Create(
            cancellationToken,
            "--Logs:MaxLines",
            $"{options.KeptLines}",
            "--Logs:MaxBytes",
            $"{1 << 30}",
            "--LocalProcess:MaxBufferedLogLines",
            $"{Math.Max(100, options.KeptLines)}",
            "--LocalProcess:MaxBufferedLogBytes",
            $"{1 << 30}",
            "--Logs:MaxLinesPerSecond",
            "1000000",
            "--Logs:MaxBytesPerSecond",
            $"{1 << 30}"
        );
        var loud = await testbed.Deploy("loud", cancellationToken);
        var silo = testbed.Silo.ProcessId;
        var before = await Footprint.Measure(silo, cancellationToken);
        Report.WriteProgress($"filling a log with {options.KeptLines} lines");
        var seconds = Math.Max(1, (options.KeptLines / options.LinesPerSecond) + 1);
        var written = long.Parse(
            await testbed.SendToPod(loud, $"/flood/log/{options.LinesPerSecond}/{seconds * 1000}", cancellationToken),
            CultureInfo.InvariantCulture
        );
        var last = $"flood {written - 1:D12}";
        var began = TimeProvider.System.GetTimestamp();
        while (
            (await Read(testbed, loud.Name, $"?search={Uri.EscapeDataString(last)}", cancellationToken)).Lines == 0
            && TimeProvider.System.GetElapsedTime(began) < WaitTimeout
        )
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, cancellationToken);
        var filled = await Footprint.Measure(silo, cancellationToken);

        var table = new Table(
            $"A log of {options.KeptLines:N0} lines (Logs:MaxLines) as a file",
            "",
            "lines",
            "MiB",
            "s",
            "silo CPU, s",
            "resident MiB before, peak"
        );
        foreach (
            var (label, query) in new[]
            {
                ("whole log", ""),
                ("search with one match", $"?search={Uri.EscapeDataString(last)}"),
                ("search without a match", "?search=no%20such%20line"),
            }
        )
        {
            Report.WriteProgress(label);
            ProcessMemory.ResetPeak(silo);
            var (processor, resident) = (ProcessorTime.GetSeconds(silo), ProcessMemory.GetResident(silo));
            var (lines, bytes, took) = await Read(testbed, loud.Name, query, cancellationToken);
            table.AddRow(
                label,
                $"{lines:N0}",
                $"{bytes / MiB:0.0}",
                $"{took.TotalSeconds:0.00}",
                $"{ProcessorTime.GetSeconds(silo) - processor:0.00}",
                $"{resident / MiB:0}, {ProcessMemory.GetPeak(silo) / MiB:0}"
            );
        }

        table.AddNote(
            $"Managed heap of the silo: {before.Heap / MiB:0.0} MiB before, {filled.Heap / MiB:0.0} MiB with the log; "
                + $"{written:N0} lines were written."
        );
        report.WriteTable(table);
    }

    private static async Task<(long Lines, long Bytes, TimeSpan Took)> Read(
        Testbed testbed,
        string name,
        string query,
        CancellationToken cancellationToken
    )
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var stream = await testbed.Download(name, query, cancellationToken);
        var buffer = new byte[256 * 1024];
        var (lines, bytes) = (0L, 0L);
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; bytes += count)
            lines += buffer.AsSpan(0, count).Count((byte)'\n');
        return (lines, bytes, TimeProvider.System.GetElapsedTime(began));
    }
}
