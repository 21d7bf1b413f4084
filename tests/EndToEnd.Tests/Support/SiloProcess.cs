using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>The silo as a person starts it: a real process with its own data folder, that may be killed and started again.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string[] arguments;
    private readonly IReadOnlyList<string> launcher;
    private readonly ConcurrentQueue<string> output = new();
    private Process? process;
    private bool isDisposed;
    private int numbers;

    private SiloProcess(string folder, int port, IReadOnlyList<string> launcher, string[] arguments) =>
        (Folder, Port, this.launcher, this.arguments) = (folder, port, launcher, arguments);

    public string Folder { get; }

    public int Port { get; }

    public string Origin => $"http://localhost:{Port}";

    public string Token { get; set; } = "";

    public string Output => string.Join('\n', output);

    /// <summary>Lines that it has written since its last start.</summary>
    public int LineCount => output.Count;

    public int Id => process!.Id;

    public static Task<SiloProcess> Start(CancellationToken cancellationToken, params string[] arguments) =>
        Start([], cancellationToken, arguments);

    /// <summary>Starts it by a command that becomes it, as somebody else or somewhere else.</summary>
    public static async Task<SiloProcess> Start(
        IReadOnlyList<string> launcher,
        CancellationToken cancellationToken,
        params string[] arguments
    )
    {
        var folder = Directory.CreateTempSubdirectory("deploycard-e2e-").FullName;
        if (launcher.Count > 0 && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        var silo = new SiloProcess(folder, TestPorts.Free(), launcher, arguments);
        await silo.Run(cancellationToken);
        return silo;
    }

    /// <summary>What reaches it. Where another command launched it, its network may not be ours: only its socket in its folder is.</summary>
    public SocketsHttpHandler Handler() => launcher.Count == 0 ? new() : new() { ConnectCallback = ConnectToSocket };

    /// <summary>Starts it on its data, and waits until it is ready.</summary>
    public async Task Run(CancellationToken cancellationToken, params string[] more)
    {
        output.Clear();
        process = Launch([.. arguments, .. more]);
        var started = TimeProvider.System.GetTimestamp();
        while (!Output.Contains("DeployCard is ready.") || !await IsReady(cancellationToken))
        {
            if (process.HasExited || TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new InvalidOperationException($"The silo did not become ready:\n{Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        if (output.FirstOrDefault(l => l.StartsWith("export TOKEN=", StringComparison.Ordinal)) is { } line)
            Token = line["export TOKEN=".Length..];
    }

    /// <summary>Starts it to see how it ends by itself.</summary>
    public async Task<(int ExitCode, string Errors)> RunToEnd(CancellationToken cancellationToken, params string[] more)
    {
        using var failing = Process.Start(StartInfo([.. arguments, .. more]))!;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Patience);
        var errors = failing.StandardError.ReadToEndAsync(late.Token);
        _ = failing.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await failing.WaitForExitAsync(late.Token);
        return (failing.ExitCode, await errors);
    }

    /// <summary>Ends it as Ctrl+C does, or as a service manager does where Ctrl+C cannot reach it. Returns the exit code.</summary>
    public async Task<int> Interrupt(CancellationToken cancellationToken)
    {
        await Signal(IgnoresInterrupt ? "TERM" : "INT", cancellationToken);
        return await WaitForEnd(cancellationToken);
    }

    /// <summary>Ends it for good, as it should end: in order, and with nothing left of its pods.</summary>
    public async Task End()
    {
        (await Interrupt(CancellationToken.None)).ShouldBe(0, Output);
        Pods().ShouldBeEmpty();
        await DisposeAsync();
    }

    /// <summary>A shell without job control has what it starts in the background ignore Ctrl+C, and all that comes from that does too.</summary>
    private bool IgnoresInterrupt =>
        Text(Id, "status").Split('\n').FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } ignored
        && (Convert.ToUInt64(ignored.Split('\t')[1], 16) & 2) > 0;

    public Task Signal(string signal, CancellationToken cancellationToken) => Signals.Send(signal, Id, cancellationToken);

    public async Task<int> WaitForEnd(CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Patience);
        try
        {
            await process!.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The silo did not end:\n{Output}", e);
        }

        return process.ExitCode;
    }

    /// <summary>Ends it as a power cut does.</summary>
    public async Task Kill(CancellationToken cancellationToken)
    {
        process!.Kill();
        await WaitForEnd(cancellationToken);
    }

    /// <summary>A number for what a test makes here, another one each time.</summary>
    public int NextNumber() => Interlocked.Increment(ref numbers);

    /// <summary>Processes that this silo's pods left: those that have its folder's mark in their environment.</summary>
    public IReadOnlyList<int> Pods() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(d => int.TryParse(Path.GetFileName(d), out var id) ? id : 0)
                .Where(id => id > 0 && id != process!.Id && Text(id, "environ").Contains(Mark, StringComparison.Ordinal)),
        ];

    /// <summary>The serving scripts of one deployment's pods, without the shells that watch over them and what those wait with.</summary>
    public IReadOnlyList<int> PodsOf(string deployment) =>
        [
            .. Pods()
                .Where(id =>
                    Text(id, "comm") is not ("sh\n" or "sleep\n") && Text(id, "environ").Split('\0').Contains($"DEPLOYMENT={deployment}")
                ),
        ];

    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        // Pods of a silo that was killed take a moment to see that it is gone, and may write into the folder until then.
        var started = TimeProvider.System.GetTimestamp();
        while (process is not null && Pods().Count > 0 && TimeProvider.System.GetElapsedTime(started) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        Directory.Delete(Folder, recursive: true);
        process?.Dispose();
    }

    private string Socket => Path.Combine(Folder, "silo.sock");

    private string Urls => launcher.Count == 0 ? Origin : $"{Origin};http://unix:{Socket}";

    // TMPDIR is among the few variables that pods get from the silo.
    private string Mark => $"TMPDIR={Folder}";

    private static string Text(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private Process Launch(string[] all)
    {
        var launched = Process.Start(StartInfo(all))!;
        launched.OutputDataReceived += (_, line) => Keep(line.Data);
        launched.ErrorDataReceived += (_, line) => Keep(line.Data);
        launched.BeginOutputReadLine();
        launched.BeginErrorReadLine();
        return launched;
    }

    private void Keep(string? line)
    {
        if (line is not null)
            output.Enqueue(line);
    }

    private ProcessStartInfo StartInfo(string[] all) =>
        new(
            launcher.FirstOrDefault("dotnet"),
            [
                .. launcher.Skip(1),
                .. launcher.Take(1).Select(_ => "dotnet"),
                Built.Silo,
                "--urls",
                Urls,
                "--Storage:Path",
                Path.Combine(Folder, "data", "deploycard.db"),
                "--LocalProcess:Images:echo",
                Built.Echo,
                "--Metrics:Url",
                "",
                // Its pods do not live longer than it does: see below.
                "--LocalProcess:PassEnvironment:0",
                "DOTNET_EnableWriteXorExecute",
                .. all,
            ]
        )
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["TMPDIR"] = Folder,
                // A silo of tests lives for seconds: what the runtime spends on the speed of the next hour, and on keeping code unwritable, was a quarter of all that it took.
                ["DOTNET_TieredPGO"] = "0",
                ["DOTNET_TC_CallCountingDelayMs"] = "EA60",
                ["DOTNET_EnableWriteXorExecute"] = "0",
            },
        };

    private async Task<bool> IsReady(CancellationToken cancellationToken)
    {
        using var http = new HttpClient(Handler());
        using var response = await http.GetAsync(new Uri($"{Origin}/health/ready"), cancellationToken);
        return response.IsSuccessStatusCode;
    }

    private async ValueTask<Stream> ConnectToSocket(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

internal static class Signals
{
    public static async Task Send(string signal, int process, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        await kill.WaitForExitAsync(cancellationToken);
    }
}
