using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Samples;

/// <summary>An image's serving script as a real process, started as the local process runtime would start it.</summary>
internal sealed class SamplePod : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly HttpClient http;
    private readonly StringBuilder log = new();

    private SamplePod(Process process, int port)
    {
        this.process = process;
        Port = port;
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
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

    /// <param name="program">Instead of the first item of the image's command.</param>
    public static async Task<SamplePod> Start(string image, string deployment, CancellationToken cancellation, string? program = null)
    {
        var folder = ImageFolder.Of(image);
        var description = ImageDescription.In(folder);
        var port = TestPorts.Free();
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
            await pod.BecomeReady(description.ReadinessPath, cancellation);
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

    /// <param name="expectContinue">Sends the body only when the pod asks for it, so that a refusal cannot cross it.</param>
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

    /// <summary>Sends SIGTERM and gives the exit code.</summary>
    public async Task<int> Stop(CancellationToken cancellation)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(LongestStop);
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

    private async Task BecomeReady(string readinessPath, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await IsReady(readinessPath, cancellation))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"The pod ended with exit code {process.ExitCode}. Its log:\n{Log}");
            if (TimeProvider.System.GetElapsedTime(start) > LongestStart)
                throw new TimeoutException($"The pod was not ready after {LongestStart}. Its log:\n{Log}");

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellation);
        }
    }

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

    private void Keep(string? line)
    {
        lock (log)
            log.AppendLine(line);
    }
}
