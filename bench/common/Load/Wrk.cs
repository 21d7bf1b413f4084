using System.Text.Json;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Common.Load;

/// <summary>The load generator wrk: a number of kept connections, each with one request after the other.</summary>
internal static class Wrk
{
    private const string Mark = "RESULT ";

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
                target.Url(path),
                .. bodyFile is null ? [] : new[] { "--", bodyFile },
            ],
            cancellationToken
        );
        var line =
            output.Split('\n').FirstOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"wrk told no result:\n{output}");
        return JsonSerializer.Deserialize<WrkResult>(line[Mark.Length..], JsonSerializerOptions.Web)!;
    }
}
