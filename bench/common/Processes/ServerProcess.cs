using System.Collections.Concurrent;
using System.Diagnostics;

namespace DeployCard.Bench.Common.Processes;

/// <summary>A server process that is started for a benchmark and stopped at its end.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int MaxLines = 200;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> output = new();
    private readonly Process process;

    private ServerProcess(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Capture(line.Data);
        process.ErrorDataReceived += (_, line) => Capture(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    /// <summary>First 200 lines that the process wrote to its standard output and standard error.</summary>
    public IEnumerable<string> Output => output;

    /// <summary>
    /// Starts a server and waits until a URL responds with a 2xx status. Throws if that takes longer than 60 s or the process exits.
    /// </summary>
    /// <param name="start">Program to start, with its arguments.</param>
    /// <param name="ready">URL that is polled.</param>
    /// <param name="pollInterval">Interval between two polls, which limits the precision of the start-up time.</param>
    /// <param name="cancellationToken">Cancels the wait and stops the server.</param>
    public static async Task<ServerProcess> Start(
        ProcessStartInfo start,
        Uri ready,
        TimeSpan pollInterval,
        CancellationToken cancellationToken
    )
    {
        var server = new ServerProcess(start);
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(WaitTimeout);
            await server.WaitFor(ready, pollInterval, timeout.Token);
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException(
                $"{start.FileName} {string.Join(' ', start.ArgumentList)} did not become ready. Its output:\n"
                    + string.Join('\n', server.Output),
                e
            );
        }
    }

    /// <summary>Returns the ids of the running child processes.</summary>
    public IReadOnlyList<int> GetChildren() => ProcessorTime.GetChildren(Id);

    /// <summary>Kills the process (SIGKILL) without a graceful shutdown.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        using (process)
        {
            if (process.HasExited)
                return;
            // SIGTERM lets a silo stop its pods and nginx its workers.
            using var kill = Process.Start(
                new ProcessStartInfo("kill", ["-TERM", $"{process.Id}"]) { UseShellExecute = false, RedirectStandardError = true }
            )!;
            await kill.WaitForExitAsync(CancellationToken.None);
            using var timeout = new CancellationTokenSource(WaitTimeout);
            try
            {
                await process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private async Task WaitFor(Uri ready, TimeSpan pollInterval, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        while (!await Responds(http, ready, cancellationToken))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"The process exited with code {process.ExitCode}.");
            await Task.Delay(pollInterval, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> Responds(HttpClient http, Uri ready, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(ready, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Capture(string? line)
    {
        if (line is not null && output.Count < MaxLines)
            output.Enqueue(line);
    }
}
