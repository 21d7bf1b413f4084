using System.Diagnostics;
using System.Text.Json;
using DeployCard.Bench.Gateway.Processes;

namespace DeployCard.Bench.Gateway.Targets;

/// <summary>The real silo in a process of its own, with a data folder and an images folder of its own.</summary>
internal sealed class SiloServer : IAsyncDisposable
{
    public const string Image = "bench";
    private const string TokenLine = "export TOKEN=";

    private readonly ServerProcess process;

    private SiloServer(ServerProcess process, string origin)
    {
        this.process = process;
        Origin = origin;
        Card = new(origin, process.Output.First(l => l.StartsWith(TokenLine, StringComparison.Ordinal))[TokenLine.Length..]);
    }

    public string Origin { get; }

    public int ProcessId => process.Id;

    public CardClient Card { get; }

    public static async Task<SiloServer> Start(string folder, CancellationToken cancellationToken)
    {
        var images = Path.Combine(folder, "images");
        Directory.CreateDirectory(Path.Combine(images, Image));
        await File.WriteAllTextAsync(Path.Combine(images, Image, "image.json"), Manifest(), cancellationToken);
        var origin = $"http://127.0.0.1:{Ports.Free()}";
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Built.Silo, "--urls", origin, "--Storage:Path", Path.Combine(folder, "data", "deploycard.db"), "--LocalProcess:ImagesFolders:0", images,
            ])
        {
            WorkingDirectory = folder,
        };
        var silo = await ServerProcess.Start(start, new($"{origin}/health/ready"), TimeSpan.FromMilliseconds(50), cancellationToken);
        // The token is printed when it is ready, a moment before or after it says so over HTTP.
        while (!silo.Output.Any(l => l.StartsWith(TokenLine, StringComparison.Ordinal)))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        return new(silo, origin);
    }

    public string PredictOrigin(string deployment) => $"{Origin}/predict/{deployment}";

    public ValueTask DisposeAsync()
    {
        Card.Dispose();
        return process.DisposeAsync();
    }

    private static string Manifest() => JsonSerializer.Serialize(new
    {
        description = "The pod of the benchmarks",
        command = new[] { "dotnet", Built.Pod },
        readinessPath = "/healthz",
        defaults = new { pods = "0-1" },
    });
}
