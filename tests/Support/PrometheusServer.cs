using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DeployCard.Tests.Support;

/// <summary>
/// A real Prometheus server on a free loopback port, with a temporary folder. The server ends with the test process, even if that is
/// killed, and its files are removed.
/// </summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-prometheus-").FullName;
    private readonly HttpClient http;
    private readonly int port = TestPorts.FindFree();
    private SupervisedProcess? process;

    private PrometheusServer() => http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

    /// <summary>Starts a server that scrapes the targets each second as job <c>deploycard</c> and evaluates the rules of a file.</summary>
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

    /// <summary>Runs <c>promtool</c> and returns its exit code and its output.</summary>
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

    /// <summary>Sends a request to the HTTP API, for example to the path <c>rules</c>, and returns the data of the response.</summary>
    public async Task<JsonNode> Get(string path)
    {
        using var response = await http.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        var body = await response.Content.ReadFromJsonAsync<JsonNode>();
        return response.IsSuccessStatusCode ? body!["data"]! : throw new InvalidOperationException($"{path}: {body!["error"]}");
    }

    /// <summary>Evaluates a query and returns the labels and the value of each series.</summary>
    public async Task<IReadOnlyList<(JsonNode Labels, double Value)>> Query(string query) =>
        [
            .. from series in (await Get($"query?query={Uri.EscapeDataString(query)}"))["result"]!.AsArray()
            select (series!["metric"]!, double.Parse((string)series["value"]![1]!, CultureInfo.InvariantCulture)),
        ];

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (process is not null)
            await process.DisposeAsync();
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
        process = SupervisedProcess.Start(
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
        await process.WaitUntilReady(IsReady, "Prometheus", StartTimeout);
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
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            $"'{name}' is not installed: these tests need a Prometheus server with promtool (Debian: apt-get install prometheus)."
        );
}
