using System.Collections.Concurrent;
using System.Diagnostics;

namespace DeployCard.Bench.Common.Processes;

/// <summary>A server that was started for the benchmarks and ends with them.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int MostLines = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> output = new();
    private readonly Process process;

    private ServerProcess(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    /// <summary>The first lines that it wrote.</summary>
    public IEnumerable<string> Output => output;

    /// <summary>Starts it and waits until a URL of it answers 2xx.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="ready">The URL.</param>
    /// <param name="pause">Between two looks; how exact the moment is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ServerProcess> Start(ProcessStartInfo start, Uri ready, TimeSpan pause, CancellationToken cancellationToken)
    {
        var server = new ServerProcess(start);
        try
        {
            using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            late.CancelAfter(Patience);
            await server.WaitFor(ready, pause, late.Token);
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException(
                $"{start.FileName} {string.Join(' ', start.ArgumentList)} did not become ready:\n{string.Join('\n', server.Output)}",
                e
            );
        }
    }

    /// <summary>The processes that it has started.</summary>
    public IReadOnlyList<int> Children() => ProcessorTime.Children(Id);

    /// <summary>Ends it at once, with no word to it (SIGKILL).</summary>
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
            // The orderly end: a silo ends its pods, nginx its workers.
            using var kill = Process.Start(
                new ProcessStartInfo("kill", ["-TERM", $"{process.Id}"]) { UseShellExecute = false, RedirectStandardError = true }
            )!;
            await kill.WaitForExitAsync(CancellationToken.None);
            using var late = new CancellationTokenSource(Patience);
            try
            {
                await process.WaitForExitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private async Task WaitFor(Uri ready, TimeSpan pause, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        while (!await Answers(http, ready, cancellationToken))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"It ended with {process.ExitCode}.");
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> Answers(HttpClient http, Uri ready, CancellationToken cancellationToken)
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

    private void Keep(string? line)
    {
        if (line is not null && output.Count < MostLines)
            output.Enqueue(line);
    }
}
