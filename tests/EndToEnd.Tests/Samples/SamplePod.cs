using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Samples;

/// <summary>The serving script of an image as a real process, started in the same way as by the local process runtime.</summary>
internal sealed class SamplePod : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly HttpClient http;
    private readonly StringBuilder log = new();

    private SamplePod(Process process, int port)
    {
        this.process = process;
        Port = port;
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        process.OutputDataReceived += (_, line) => AddToLog(line.Data);
        process.ErrorDataReceived += (_, line) => AddToLog(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Port { get; }

    public string Log
    {
        get
        {
            lock (log)
                return log.ToString();
        }
    }

    /// <summary>Starts the serving script of an image and waits until it is ready.</summary>
    /// <param name="image">Name of the image.</param>
    /// <param name="deployment">Name of the deployment that the pod belongs to.</param>
    /// <param name="cancellation">Token that cancels the start.</param>
    /// <param name="program">Program to run instead of that of the image's command; null to use the command.</param>
    public static async Task<SamplePod> Start(string image, string deployment, CancellationToken cancellation, string? program = null)
    {
        var folder = ImageFolder.GetPath(image);
        var description = ImageDescription.ReadFrom(folder);
        var port = TestPorts.FindFree();
        var start = new ProcessStartInfo(program ?? description.Command[0], description.Command[1..])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["HOSTNAME"] = $"{deployment}-1",
                ["DEPLOYMENT"] = deployment,
            },
        };

        var pod = new SamplePod(Process.Start(start)!, port);
        try
        {
            await pod.WaitUntilReady(description.ReadinessPath, cancellation);
            return pod;
        }
        catch
        {
            await pod.DisposeAsync();
            throw;
        }
    }

    public async Task<(HttpStatusCode Status, string Body)> Get(string path, CancellationToken cancellation)
    {
        using var response = await http.GetAsync(path, cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
    }

    /// <summary>Sends a POST request with a JSON body.</summary>
    /// <param name="path">Path of the request.</param>
    /// <param name="body">JSON body of the request.</param>
    /// <param name="cancellation">Token that cancels the request.</param>
    /// <param name="expectContinue">
    /// Whether to send the body only when the pod requests it, so that the pod can reject the request before.
    /// </param>
    public async Task<(HttpStatusCode Status, string Body)> Post(
        string path,
        string body,
        CancellationToken cancellation,
        bool expectContinue = false
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { ExpectContinue = expectContinue },
        };
        using var response = await http.SendAsync(request, cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
    }

    public async Task<(HttpStatusCode Status, string Body)> Send(ImageExample example, CancellationToken cancellation) =>
        example.Method == "GET" ? await Get(example.Path, cancellation) : await Post(example.Path, example.Body, cancellation);

    /// <summary>Sends SIGTERM, waits for the end of the process and returns its exit code.</summary>
    public async Task<int> Stop(CancellationToken cancellation)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(StopTimeout);
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private Task WaitUntilReady(string readinessPath, CancellationToken cancellation) =>
        Eventually.True(
            async () =>
                await IsReady(readinessPath, cancellation)
                || (
                    process.HasExited
                        ? throw new InvalidOperationException($"The pod ended with exit code {process.ExitCode}. Its log:\n{Log}")
                        : false
                ),
            "the pod is ready",
            cancellation,
            StartTimeout,
            () => $"Its log:\n{Log}"
        );

    private async Task<bool> IsReady(string readinessPath, CancellationToken cancellation)
    {
        try
        {
            return (await Get(readinessPath, cancellation)).Status == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void AddToLog(string? line)
    {
        lock (log)
            log.AppendLine(line);
    }
}
