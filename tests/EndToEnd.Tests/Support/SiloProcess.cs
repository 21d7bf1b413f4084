using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>A silo as an administrator runs it: a real process with its own data folder, which can be killed and restarted.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

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

    /// <summary>Number of lines that the silo has written since its last start.</summary>
    public int LineCount => output.Count;

    public int Id => process!.Id;

    public static Task<SiloProcess> Start(CancellationToken cancellationToken, params string[] arguments) =>
        Start([], cancellationToken, arguments);

    /// <summary>
    /// Starts a silo through a launcher command that executes it, for example as another user or in another network namespace.
    /// </summary>
    public static async Task<SiloProcess> Start(
        IReadOnlyList<string> launcher,
        CancellationToken cancellationToken,
        params string[] arguments
    )
    {
        var folder = Directory.CreateTempSubdirectory("deploycard-e2e-").FullName;
        if (launcher.Count > 0 && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        var silo = new SiloProcess(folder, TestPorts.FindFree(), launcher, arguments);
        await silo.Run(cancellationToken);
        return silo;
    }

    /// <summary>
    /// Returns an HTTP handler that connects to the silo. If a launcher started the silo, the silo may be in another network namespace, so
    /// the handler uses the Unix domain socket in the silo's folder.
    /// </summary>
    public SocketsHttpHandler CreateHandler() => launcher.Count == 0 ? new() : new() { ConnectCallback = ConnectToSocket };

    /// <summary>Starts the silo on its existing data and waits until it is ready.</summary>
    public async Task Run(CancellationToken cancellationToken, params string[] more)
    {
        output.Clear();
        process = Launch([.. arguments, .. more]);
        await Eventually.True(
            async () =>
                process.HasExited
                    ? throw new InvalidOperationException($"The silo exited before it was ready:\n{Output}")
                    : Output.Contains("DeployCard is ready.") && await IsReady(cancellationToken),
            "the silo is ready",
            cancellationToken,
            Timeout,
            () => Output
        );
        if (output.FirstOrDefault(l => l.StartsWith("export TOKEN=", StringComparison.Ordinal)) is { } line)
            Token = line["export TOKEN=".Length..];
    }

    /// <summary>Starts the silo and waits until it exits. Returns its exit code and error output.</summary>
    public async Task<(int ExitCode, string Errors)> RunToExit(CancellationToken cancellationToken, params string[] more)
    {
        using var failing = Process.Start(StartInfo([.. arguments, .. more]))!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        var errors = failing.StandardError.ReadToEndAsync(timeout.Token);
        _ = failing.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await failing.WaitForExitAsync(timeout.Token);
        return (failing.ExitCode, await errors);
    }

    /// <summary>Stops the silo with SIGINT, or with SIGTERM if it ignores SIGINT. Returns the exit code.</summary>
    public async Task<int> Interrupt(CancellationToken cancellationToken)
    {
        await Signal(IgnoresInterrupt ? "TERM" : "INT", cancellationToken);
        return await WaitForExit(cancellationToken);
    }

    /// <summary>Stops and disposes the silo; it must exit with code 0 and leave no pod processes.</summary>
    public async Task ShutDown()
    {
        (await Interrupt(CancellationToken.None)).ShouldBe(0, Output);
        PodProcesses().ShouldBeEmpty();
        await DisposeAsync();
    }

    /// <summary>
    /// Whether the process ignores SIGINT. A shell without job control makes its background processes ignore SIGINT, and their children
    /// inherit this.
    /// </summary>
    private bool IgnoresInterrupt =>
        Text(Id, "status").Split('\n').FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } ignored
        && (Convert.ToUInt64(ignored.Split('\t')[1], 16) & 2) > 0;

    public Task Signal(string signal, CancellationToken cancellationToken) => Signals.Send(signal, Id, cancellationToken);

    public async Task<int> WaitForExit(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            await process!.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The silo did not exit in time:\n{Output}", e);
        }

        return process.ExitCode;
    }

    /// <summary>Kills the process, as a power cut would.</summary>
    public async Task Kill(CancellationToken cancellationToken)
    {
        process!.Kill();
        await WaitForExit(cancellationToken);
    }

    /// <summary>Returns a number that is unique in this silo, for names that a test creates.</summary>
    public int NextNumber() => Interlocked.Increment(ref numbers);

    /// <summary>Returns the processes of this silo's pods, which have the silo's folder in their environment.</summary>
    public IReadOnlyList<int> PodProcesses() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(d => int.TryParse(Path.GetFileName(d), out var id) ? id : 0)
                .Where(id => id > 0 && id != process!.Id && Text(id, "environ").Contains(Mark, StringComparison.Ordinal)),
        ];

    /// <summary>
    /// Returns the server processes of one deployment's pods, without the supervising shells and their <c>sleep</c> processes.
    /// </summary>
    public IReadOnlyList<int> PodsOf(string deployment) =>
        [
            .. PodProcesses()
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

        // Pods of a killed silo take a moment to detect that it has died, and may write into the folder until then.
        if (process is not null)
            await Eventually.Get(() => Task.FromResult(PodProcesses().Count), count => count == 0, CancellationToken.None, Timeout);
        Directory.Delete(Folder, recursive: true);
        process?.Dispose();
    }

    private string Socket => Path.Combine(Folder, "silo.sock");

    private string Urls => launcher.Count == 0 ? Origin : $"{Origin};http://unix:{Socket}";

    // TMPDIR is one of the few variables that pods inherit from the silo.
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
                BuildOutput.Silo,
                "--urls",
                Urls,
                "--Storage:Path",
                Path.Combine(Folder, "data", "deploycard.db"),
                "--LocalProcess:Images:echo",
                BuildOutput.Echo,
                "--Metrics:Url",
                "",
                // Pods live no longer than the silo, so they get the same runtime setting as below.
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
                // A test silo lives only for seconds. Tiered optimization and write-xor-execute took a quarter of its processor time.
                ["DOTNET_TieredPGO"] = "0",
                ["DOTNET_TC_CallCountingDelayMs"] = "EA60",
                ["DOTNET_EnableWriteXorExecute"] = "0",
            },
        };

    private async Task<bool> IsReady(CancellationToken cancellationToken)
    {
        using var http = new HttpClient(CreateHandler());
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
