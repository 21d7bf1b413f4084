using System.Diagnostics;
using System.Text.Json;
using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Common.Targets;

/// <summary>The real silo in a process of its own, with a data folder and an images folder of its own.</summary>
internal sealed class SiloServer : IAsyncDisposable
{
    public const string Image = "bench";
    private const string TokenLine = "export TOKEN=";

    private readonly ServerProcess process;
    private readonly string folder;
    private readonly IReadOnlyList<string> settings;

    private SiloServer(ServerProcess process, string folder, IReadOnlyList<string> settings, string origin, string token)
    {
        (this.process, this.folder, this.settings, Token) = (process, folder, settings, token);
        Origin = origin;
        Card = new(origin, token);
    }

    public string Origin { get; }

    /// <summary>The administrator token.</summary>
    public string Token { get; }

    public int ProcessId => process.Id;

    public CardClient Card { get; }

    /// <summary>The processes that it has started: its pods.</summary>
    public IReadOnlyList<int> Children() => process.Children();

    /// <summary>Where it keeps everything, with SQLite.</summary>
    public string Database => DatabaseIn(folder);

    /// <summary>The first start in a folder, which holds its database, too.</summary>
    public static Task<SiloServer> Start(string folder, CancellationToken cancellationToken) =>
        Start(folder, ["--Storage:Path", DatabaseIn(folder)], cancellationToken);

    /// <summary>The first start in a folder, on a new database.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="settings">Its storage and what else is not as usual, as on the command line.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<SiloServer> Start(string folder, IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var image = Path.Combine(ImagesIn(folder), Image);
        Directory.CreateDirectory(image);
        await File.WriteAllTextAsync(Path.Combine(image, "image.json"), Manifest(), cancellationToken);
        var (silo, origin) = await Run(folder, settings, cancellationToken);
        // The token is printed when it is ready, a moment before or after it says so over HTTP.
        while (!silo.Output.Any(IsToken))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        return new(silo, folder, settings, origin, silo.Output.First(IsToken)[TokenLine.Length..]);
    }

    /// <summary>
    /// Starts it anew in its folder, after <see cref="Kill"/> or its end; or another one beside it where its database is one that silos share. Ready when this returns.
    /// </summary>
    public async Task<SiloServer> StartAgain(CancellationToken cancellationToken)
    {
        var (silo, origin) = await Run(folder, settings, cancellationToken);
        return new(silo, folder, settings, origin, Token);
    }

    /// <summary>Ends it at once, with no word to it.</summary>
    public Task Kill() => process.Kill();

    public string PredictOrigin(string deployment) => $"{Origin}/predict/{deployment}";

    public ValueTask DisposeAsync()
    {
        Card.Dispose();
        return process.DisposeAsync();
    }

    private static async Task<(ServerProcess Process, string Origin)> Run(
        string folder,
        IReadOnlyList<string> settings,
        CancellationToken cancellationToken
    )
    {
        var origin = $"http://127.0.0.1:{Ports.Free()}";
        var start = new ProcessStartInfo(
            "dotnet",
            [Built.Silo, "--urls", origin, "--LocalProcess:ImagesFolders:0", ImagesIn(folder), .. settings]
        )
        {
            WorkingDirectory = folder,
        };
        return (await ServerProcess.Start(start, new($"{origin}/health/ready"), TimeSpan.FromMilliseconds(10), cancellationToken), origin);
    }

    private static bool IsToken(string line) => line.StartsWith(TokenLine, StringComparison.Ordinal);

    private static string DatabaseIn(string folder) => Path.Combine(folder, "data", "deploycard.db");

    private static string ImagesIn(string folder) => Path.Combine(folder, "images");

    private static string Manifest() =>
        JsonSerializer.Serialize(
            new
            {
                description = "The pod of the benchmarks",
                command = new[] { "dotnet", Built.Pod },
                readinessPath = "/healthz",
                defaults = new { pods = "0-1" },
            }
        );
}
