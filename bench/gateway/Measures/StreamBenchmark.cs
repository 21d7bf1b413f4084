using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Load;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Measures the duration of a large upload and download, and whether a proxy buffers the body in memory.</summary>
internal sealed class StreamBenchmark : IBenchmark
{
    private const long MiB = 1024 * 1024;

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("large bodies");
        var table = new Table(
            $"A body of {options.StreamBytes / MiB:N0} MiB",
            "",
            "upload, s",
            "max memory growth, MiB",
            "download, s",
            "max memory growth, MiB"
        );
        foreach (var target in testbed.Targets)
        {
            var (up, upGrowth) = await Measure(
                target,
                (http, ct) => Upload(http, target, options.StreamBytes, report, ct),
                cancellationToken
            );
            var (down, downGrowth) = await Measure(
                target,
                (http, ct) => Download(http, target, options.StreamBytes, report, ct),
                cancellationToken
            );
            table.AddRow(target.Name, up, upGrowth, down, downGrowth);
            Report.WriteProgress(
                $"  {target.Name.PadRight(10)}  upload {up} s (memory growth {upGrowth} MiB), "
                    + $"download {down} s (memory growth {downGrowth} MiB)"
            );
        }

        report.WriteTable(table);
    }

    private static async Task<(string Seconds, string Growth)> Measure(
        Target target,
        Func<HttpClient, CancellationToken, Task> send,
        CancellationToken cancellationToken
    )
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Add(Target.KeyHeader, target.Key);
        foreach (var process in target.Processes)
            ProcessMemory.ResetPeak(process);
        var before = target.Processes.Sum(ProcessMemory.GetResident);
        var began = TimeProvider.System.GetTimestamp();
        await send(http, cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return (
            $"{seconds:0.00}",
            target.Processes.Count == 0 ? "–" : $"{(double)(target.Processes.Sum(ProcessMemory.GetPeak) - before) / MiB:0.0}"
        );
    }

    private static async Task Upload(HttpClient http, Target target, long bytes, Report report, CancellationToken cancellationToken)
    {
        using var body = new ZeroContent(bytes);
        using var response = await http.PostAsync(new Uri(target.GetUrl("/count")), body, cancellationToken);
        var content = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode || content != $"{bytes}")
            report.RecordFailure($"upload, {target.Name}: {(int)response.StatusCode} {content}");
    }

    private static async Task Download(HttpClient http, Target target, long bytes, Report report, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(
            new Uri(target.GetUrl($"/download/{bytes}")),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var (buffer, total) = (new byte[256 * 1024], 0L);
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
            total += read;
        if (!response.IsSuccessStatusCode || total != bytes)
            report.RecordFailure($"download, {target.Name}: {(int)response.StatusCode}, {total} of {bytes} bytes");
    }
}
