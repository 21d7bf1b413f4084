using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Load;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>Large bodies, up and down: how long they take, and whether a proxy holds them in memory.</summary>
internal sealed class StreamBenchmark : IBenchmark
{
    private const long MiB = 1024 * 1024;

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("large bodies");
        var table = new Table(
            $"A body of {options.StreamBytes / MiB:N0} MiB",
            "",
            "upload, s",
            "memory grew by at most, MiB",
            "download, s",
            "memory grew by at most, MiB "
        );
        foreach (var target in stage.Targets)
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
            table.Add(target.Name, up, upGrowth, down, downGrowth);
            Report.Progress(
                $"  {target.Name.PadRight(10)}  up {up} s (memory grew by {upGrowth} MiB), down {down} s (memory grew by {downGrowth} MiB)"
            );
        }

        report.Add(table);
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
            Memory.ForgetPeak(process);
        var before = target.Processes.Sum(Memory.Resident);
        var began = TimeProvider.System.GetTimestamp();
        await send(http, cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return ($"{seconds:0.00}", target.Processes.Count == 0 ? "–" : $"{(double)(target.Processes.Sum(Memory.Peak) - before) / MiB:0.0}");
    }

    private static async Task Upload(HttpClient http, Target target, long bytes, Report report, CancellationToken cancellationToken)
    {
        using var body = new EndlessContent(bytes);
        using var response = await http.PostAsync(new Uri(target.Url("/count")), body, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode || answer != $"{bytes}")
            report.Fail($"upload, {target.Name}: {(int)response.StatusCode} {answer}");
    }

    private static async Task Download(HttpClient http, Target target, long bytes, Report report, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(
            new Uri(target.Url($"/download/{bytes}")),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var (buffer, total) = (new byte[256 * 1024], 0L);
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
            total += read;
        if (!response.IsSuccessStatusCode || total != bytes)
            report.Fail($"download, {target.Name}: {(int)response.StatusCode}, {total} of {bytes} bytes");
    }
}
