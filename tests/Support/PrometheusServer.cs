using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.Tests.Support;

/// <summary>A real Prometheus on a free port of the loopback, in a folder of its own. It ends with this process, however that ends, and leaves nothing behind.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-prometheus-").FullName;
    private readonly HttpClient http;
    private readonly int port = TestPorts.Free();
    private KeptProcess? keeper;

    private PrometheusServer() => http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

    /// <summary>Starts one that reads these addresses each second, as the job <c>deploycard</c>, and keeps these rules.</summary>
    public static async Task<PrometheusServer> Run(IEnumerable<string> targets, string rules)
    {
        var server = new PrometheusServer();
        try
        {
            await server.Start(targets, rules);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs <c>promtool</c>. Returns its exit code and what it wrote.</summary>
    public static async Task<(int ExitCode, string Output)> Promtool(string input, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Tool("promtool"), arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>The answer's data to a question to its API, as in <c>rules</c>.</summary>
    public async Task<JsonNode> Get(string path)
    {
        using var response = await http.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        var answer = await response.Content.ReadFromJsonAsync<JsonNode>();
        return response.IsSuccessStatusCode ? answer!["data"]! : throw new InvalidOperationException($"{path}: {answer!["error"]}");
    }

    /// <summary>What a query has as its result now: the labels of each series and its value.</summary>
    public async Task<IReadOnlyList<(JsonNode Labels, double Value)>> Query(string query) =>
        [
            .. from series in (await Get($"query?query={Uri.EscapeDataString(query)}"))["result"]!.AsArray()
            select (series!["metric"]!, double.Parse((string)series["value"]![1]!, CultureInfo.InvariantCulture)),
        ];

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (keeper is not null)
            await keeper.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task Start(IEnumerable<string> targets, string rules)
    {
        var config = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(
            config,
            $"""
            global: {"{scrape_interval: 1s, evaluation_interval: 1s}"}
            rule_files: ['{rules}']
            scrape_configs:
              - job_name: deploycard
                static_configs: [{"{"}targets: [{string.Join(", ", targets.Select(target => $"'{target}'"))}]{"}"}]
            """
        );
        var log = Path.Combine(folder, "server.log");
        keeper = KeptProcess.Start(
            "TERM",
            log,
            Tool("prometheus"),
            "--config.file",
            config,
            "--storage.tsdb.path",
            Path.Combine(folder, "data"),
            "--storage.tsdb.retention.time=3d",
            $"--web.listen-address=127.0.0.1:{port}"
        );
        var started = Stopwatch.GetTimestamp();
        while (!await IsReady())
        {
            if (keeper.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                throw new InvalidOperationException($"Prometheus did not start: {await File.ReadAllTextAsync(log)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private async Task<bool> IsReady()
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/-/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Tool(string name) =>
        (Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? [])
            .Select(place => Path.Combine(place, name))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            $"'{name}' is not installed: these tests need a Prometheus server with promtool (Debian: apt-get install prometheus)."
        );
}
