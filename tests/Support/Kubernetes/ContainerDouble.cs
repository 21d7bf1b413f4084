using System.Diagnostics;
using System.Text.Json.Nodes;

namespace DeployCard.Tests.Support.Kubernetes;

/// <summary>Container of one pod: starts, is probed, restarts after a crash and is stopped with its pod.</summary>
internal sealed class ContainerDouble(ApiServerDouble server, string name, string address)
{
    // A real node waits at least ten seconds.
    private static readonly TimeSpan InitialBackoff = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly List<string> last = [];
    private bool hasProbeFailed;

    /// <summary>Reports that the image cannot be pulled and waits for the deletion of the pod.</summary>
    public async Task FailImagePull(string image, CancellationToken end)
    {
        server.Node.SetWaiting(name, "ErrImagePull", $"failed to pull and unpack image \"{image}\": not found");
        server.Node.SetWaiting(name, "ImagePullBackOff", $"Back-off pulling image \"{image}\"");
        await UntilDeleted(end);
        server.Pods.Remove(name);
    }

    /// <summary>Runs the container until its pod is deleted.</summary>
    public async Task Run(IReadOnlyList<string> command, JsonNode serving, CancellationToken end)
    {
        using var deleted = CancellationTokenSource.CreateLinkedTokenSource(end);
        var watching = Task.Run(
            async () =>
            {
                await UntilDeleted(end);
                await deleted.CancelAsync();
            },
            end
        );
        server.Node.Run(name, address);
        for (
            var backoff = TimeSpan.Zero;
            ;
            backoff =
                    backoff == TimeSpan.Zero ? InitialBackoff
                    : backoff * 2 < MaxBackoff ? backoff * 2
                    : MaxBackoff
        )
        {
            var started = TimeProvider.System.GetTimestamp();
            var code = await RunOnce(command, serving, deleted.Token);
            if (deleted.IsCancellationRequested)
            {
                if (server.Pods.Find(name) is not null && !end.IsCancellationRequested)
                    server.Node.FinishDeletion(name, code);
                break;
            }

            var lasted = (int)TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            if (hasProbeFailed)
            {
                server.Node.FailStartupProbe(name, code, lasted);
                continue;
            }

            server.Node.Crash(name, code, code == 0 ? "Completed" : "Error", string.Join('\n', last.TakeLast(80)), lasted);
            if (backoff > TimeSpan.Zero)
            {
                server.Node.BackOff(name, $"{(int)Math.Ceiling(backoff.TotalSeconds)}s");
                await Task.Delay(backoff, TimeProvider.System, deleted.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (deleted.IsCancellationRequested)
            {
                server.Pods.Remove(name);
                break;
            }

            server.Node.Restart(name);
        }

        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        http.Dispose();
    }

    /// <summary>Runs the container once, until its command exits or its pod is deleted. Returns the exit code.</summary>
    private async Task<int> RunOnce(IReadOnlyList<string> command, JsonNode serving, CancellationToken deleted)
    {
        last.Clear();
        hasProbeFailed = false;
        using var process = Process.Start(StartInfo(command, serving["env"]?.AsArray() ?? []))!;
        process.OutputDataReceived += (_, line) => RecordLine(line.Data);
        process.ErrorDataReceived += (_, line) => RecordLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deleted);
        var probing = Probe(serving, process, ended.Token);
        await process.WaitForExitAsync(deleted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!process.HasExited)
            await Terminate(process);
        await ended.CancelAsync();
        await probing;
        return process.ExitCode;
    }

    private async Task Terminate(Process process)
    {
        // Without a deletion the grace period is 2 s, not that of the pod, to keep tests short.
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        var grace = TimeSpan.FromSeconds((double?)(long?)server.Pods.Find(name)?["metadata"]?["deletionGracePeriodSeconds"] ?? 2);
        await process.WaitForExitAsync().WaitAsync(grace, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    private async Task Probe(JsonNode serving, Process process, CancellationToken ended)
    {
        var (started, startup) = (TimeProvider.System.GetTimestamp(), serving["startupProbe"]!);
        var limit = TimeSpan.FromSeconds(((int)startup["failureThreshold"]! - 1) * (int)startup["periodSeconds"]!);
        var hasStarted = false;
        var get = serving["readinessProbe"]!["httpGet"]!;
        var url = new Uri($"http://{address}:{get["port"]}{get["path"]}");
        var isReady = false;
        while (!ended.IsCancellationRequested)
        {
            var isSuccess = await RespondsWithSuccess(url, ended);
            if (isSuccess != isReady && !ended.IsCancellationRequested)
                server.Node.SetReady(name, isReady = isSuccess);
            hasStarted |= isSuccess;
            if (!hasStarted && TimeProvider.System.GetElapsedTime(started) > limit && !process.HasExited)
            {
                hasProbeFailed = true;
                await Terminate(process);
            }

            await Task.Delay(ProbeInterval, TimeProvider.System, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> RespondsWithSuccess(Uri url, CancellationToken ended)
    {
        try
        {
            using var response = await http.GetAsync(url, ended);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task UntilDeleted(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var changed = server.Pods.Changed;
            if (server.Pods.Find(name) is not { } pod || pod["metadata"]!["deletionTimestamp"] is not null)
                return;
            await changed.WaitAsync(end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void RecordLine(string? line)
    {
        if (line is null)
            return;
        lock (last)
            last.Add(line);
        server.Logs.Write(name, line);
    }

    private ProcessStartInfo StartInfo(IReadOnlyList<string> command, JsonArray environment)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in environment)
            start.Environment[(string)variable!["name"]!] = (string?)variable["value"] ?? "";
        start.Environment["POD_IP"] = address;
        return start;
    }
}
