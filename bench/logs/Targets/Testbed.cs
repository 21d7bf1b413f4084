using System.Globalization;
using System.Net.Http.Headers;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Logs.Targets;

/// <summary>A silo with deployments of one pod each.</summary>
internal sealed class Testbed : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-bench-").FullName;
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private Testbed() { }

    public SiloServer Silo { get; private set; } = null!;

    /// <summary>Starts a silo with a SQLite database in a temporary folder.</summary>
    /// <param name="cancellationToken">Cancels the start of the silo.</param>
    /// <param name="settings">Command-line arguments with the settings that differ from the defaults.</param>
    public static async Task<Testbed> Create(CancellationToken cancellationToken, params string[] settings)
    {
        var testbed = new Testbed();
        try
        {
            testbed.Silo = await SiloServer.Start(
                testbed.folder,
                ["--Storage:Path", Path.Combine(testbed.folder, "data", "deploycard.db"), .. settings],
                cancellationToken
            );
            return testbed;
        }
        catch
        {
            await testbed.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates a deployment and waits until its pod is ready.</summary>
    public async Task<Target> Deploy(string name, CancellationToken cancellationToken)
    {
        var key = await Silo.Card.Deploy(name, "1-1", cancellationToken);
        await Silo.Card.WaitForPods(name, pods => pods.Any(p => p.IsReady), cancellationToken);
        return new(name, Silo.GetPredictOrigin(name), key, [Silo.ProcessId]);
    }

    /// <summary>Starts the peer, which only sends the same messages to WebSockets.</summary>
    public async Task<PeerServer> StartPeer(CancellationToken cancellationToken)
    {
        var origin = $"http://127.0.0.1:{Ports.FindFree()}";
        return new(
            origin,
            await ServerProcess.Start(
                new("dotnet", [BuildOutput.BareJson, "--urls", origin, "--responses", folder]),
                new($"{origin}/healthz"),
                TimeSpan.FromMilliseconds(50),
                cancellationToken
            )
        );
    }

    /// <summary>Sends a GET request to a pod and returns the response body. Throws if the status is not 2xx.</summary>
    public async Task<string> SendToPod(Target target, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target.GetUrl(path));
        request.Headers.Add(Target.KeyHeader, target.Key);
        using var response = await http.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? body
            : throw new InvalidOperationException($"{path} must respond with 2xx; got {(int)response.StatusCode}: {body}");
    }

    /// <summary>Makes a pod write a flood of lines, to its log or to <c>/dev/null</c>. Returns the number of lines.</summary>
    public async Task<long> Flood(Target target, bool toLog, BenchOptions options, CancellationToken cancellationToken) =>
        long.Parse(
            await SendToPod(
                target,
                $"/flood/{(toLog ? "log" : "nothing")}/{options.LinesPerSecond}/{options.Duration.TotalMilliseconds:0}",
                cancellationToken
            ),
            CultureInfo.InvariantCulture
        );

    /// <summary>Downloads the log of a deployment as a stream.</summary>
    public async Task<Stream> Download(string name, string query, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Silo.Origin}/deployments/{name}/logs.txt{query}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Silo.Token);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (Silo is not null)
            await Silo.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
