using System.Globalization;
using System.Net.Http.Headers;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Logs.Targets;

/// <summary>A silo, and its deployments of one pod each.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-bench-").FullName;
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    private Stage() { }

    public SiloServer Silo { get; private set; } = null!;

    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="settings">Settings of the silo that are not as usual.</param>
    public static async Task<Stage> Raise(CancellationToken cancellationToken, params string[] settings)
    {
        var stage = new Stage();
        try
        {
            stage.Silo = await SiloServer.Start(
                stage.folder,
                ["--Storage:Path", Path.Combine(stage.folder, "data", "deploycard.db"), .. settings],
                cancellationToken
            );
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>A deployment with a pod that is ready.</summary>
    public async Task<Target> Deploy(string name, CancellationToken cancellationToken)
    {
        var key = await Silo.Card.Deploy(name, "1-1", cancellationToken);
        await Silo.Card.WaitForPods(name, pods => pods.Any(p => p.IsReady), cancellationToken);
        return new(name, Silo.PredictOrigin(name), key, [Silo.ProcessId]);
    }

    /// <summary>A server that sends the same messages to WebSockets, and does nothing else.</summary>
    public async Task<PeerServer> RaisePeer(CancellationToken cancellationToken)
    {
        var origin = $"http://127.0.0.1:{Ports.Free()}";
        return new(
            origin,
            await ServerProcess.Start(
                new("dotnet", [Built.BareJson, "--urls", origin, "--answers", folder]),
                new($"{origin}/healthz"),
                TimeSpan.FromMilliseconds(50),
                cancellationToken
            )
        );
    }

    /// <summary>What a pod answers.</summary>
    public async Task<string> Ask(Target target, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target.Url(path));
        request.Headers.Add(Target.KeyHeader, target.Key);
        using var response = await http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? answer
            : throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {answer}");
    }

    /// <summary>Has a pod write as the options say. Returns how many lines it wrote.</summary>
    public async Task<long> Flood(Target target, bool toLog, BenchOptions options, CancellationToken cancellationToken) =>
        long.Parse(
            await Ask(
                target,
                $"/flood/{(toLog ? "log" : "nothing")}/{options.Rate}/{options.Duration.TotalMilliseconds:0}",
                cancellationToken
            ),
            CultureInfo.InvariantCulture
        );

    /// <summary>A deployment's log as it comes.</summary>
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
