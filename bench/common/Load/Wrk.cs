using System.Text.Json;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Common.Load;

/// <summary>The load generator wrk: keep-alive connections that each send one request after the other.</summary>
internal static class Wrk
{
    private const string ResultPrefix = "RESULT ";

    /// <summary>Runs wrk and returns what it measured. Throws if wrk fails or prints no result.</summary>
    /// <param name="target">Target of the requests.</param>
    /// <param name="path">Path and query of every request, below the origin of the target.</param>
    /// <param name="connections">Number of connections; wrk uses two threads, or one for a single connection.</param>
    /// <param name="duration">Duration of the run, rounded to seconds.</param>
    /// <param name="cancellationToken">Cancels the run and kills wrk.</param>
    /// <param name="bodyFile">File with the body of every request; null for 1 KiB of JSON.</param>
    public static async Task<WrkResult> Run(
        Target target,
        string path,
        int connections,
        TimeSpan duration,
        CancellationToken cancellationToken,
        string? bodyFile = null
    )
    {
        var output = await Tool.Run(
            "wrk",
            [
                "--threads",
                $"{Math.Min(2, connections)}",
                "--connections",
                $"{connections}",
                "--duration",
                $"{duration.TotalSeconds:0}s",
                "--timeout",
                "10s",
                "--header",
                $"{Target.KeyHeader}: {target.Key}",
                .. target.Headers.SelectMany(h => new[] { "--header", h }),
                "--script",
                Path.Combine(AppContext.BaseDirectory, "predict.lua"),
                target.GetUrl(path),
                .. bodyFile is null ? [] : new[] { "--", bodyFile },
            ],
            cancellationToken
        );
        var line =
            output.Split('\n').FirstOrDefault(l => l.StartsWith(ResultPrefix, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"wrk printed no line that starts with '{ResultPrefix}':\n{output}");
        return JsonSerializer.Deserialize<WrkResult>(line[ResultPrefix.Length..], JsonSerializerOptions.Web)!;
    }
}
