using System.Diagnostics;
using System.Text.Json;
using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Common.Targets;

/// <summary>The real silo in a separate process, with its own data folder and images folder.</summary>
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

    /// <summary>Administrator token that the silo printed at its first start.</summary>
    public string Token { get; }

    public int ProcessId => process.Id;

    public CardClient Card { get; }

    /// <summary>Returns the process ids of the pods that the silo has started.</summary>
    public IReadOnlyList<int> GetChildren() => process.GetChildren();

    /// <summary>Path of the SQLite database; no such file exists if the silo uses PostgreSQL.</summary>
    public string DatabasePath => GetDatabasePath(folder);

    /// <summary>Starts a silo for the first time in a folder, with a SQLite database in that folder.</summary>
    public static Task<SiloServer> Start(string folder, CancellationToken cancellationToken) =>
        Start(folder, ["--Storage:Path", GetDatabasePath(folder)], cancellationToken);

    /// <summary>Starts a silo for the first time in a folder, on a new database.</summary>
    /// <param name="folder">Folder for the images and the working directory.</param>
    /// <param name="settings">Command-line arguments with the storage and all settings that differ from the defaults.</param>
    /// <param name="cancellationToken">Cancels the start of the silo.</param>
    public static async Task<SiloServer> Start(string folder, IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var image = Path.Combine(GetImagesFolder(folder), Image);
        Directory.CreateDirectory(image);
        await File.WriteAllTextAsync(Path.Combine(image, "image.json"), CreateManifest(), cancellationToken);
        var (silo, origin) = await Run(folder, settings, cancellationToken);
        // The silo prints the token when it becomes ready, shortly before or after /health/ready reports that.
        while (!silo.Output.Any(IsTokenLine))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        return new(silo, folder, settings, origin, silo.Output.First(IsTokenLine)[TokenLine.Length..]);
    }

    /// <summary>
    /// Starts another silo in the same folder with the same settings and waits until it is ready. It replaces this silo if that was stopped
    /// or killed, or joins its cluster if the silos share a PostgreSQL database.
    /// </summary>
    public async Task<SiloServer> StartAgain(CancellationToken cancellationToken)
    {
        var (silo, origin) = await Run(folder, settings, cancellationToken);
        return new(silo, folder, settings, origin, Token);
    }

    /// <summary>Kills the silo (SIGKILL) without a graceful shutdown.</summary>
    public Task Kill() => process.Kill();

    /// <summary>Returns the URL below which the gateway forwards requests to a deployment, without a trailing slash.</summary>
    public string GetPredictOrigin(string deployment) => $"{Origin}/predict/{deployment}";

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
        var origin = $"http://127.0.0.1:{Ports.FindFree()}";
        var start = new ProcessStartInfo(
            "dotnet",
            [BuildOutput.Silo, "--urls", origin, "--LocalProcess:ImagesFolders:0", GetImagesFolder(folder), .. settings]
        )
        {
            WorkingDirectory = folder,
        };
        return (await ServerProcess.Start(start, new($"{origin}/health/ready"), TimeSpan.FromMilliseconds(10), cancellationToken), origin);
    }

    private static bool IsTokenLine(string line) => line.StartsWith(TokenLine, StringComparison.Ordinal);

    private static string GetDatabasePath(string folder) => Path.Combine(folder, "data", "deploycard.db");

    private static string GetImagesFolder(string folder) => Path.Combine(folder, "images");

    private static string CreateManifest() =>
        JsonSerializer.Serialize(
            new
            {
                description = "Pod for the benchmarks",
                command = new[] { "dotnet", BuildOutput.Pod },
                readinessPath = "/healthz",
                defaults = new { pods = "0-1" },
            }
        );
}
