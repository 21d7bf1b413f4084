using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace DeployCard.Tests.Support;

/// <summary>A real PostgreSQL of the tests' own, in a temporary folder, on a loopback port and on a socket in its folder. It ends with the tests.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // It refuses to run as root.
    private const string Somebody = "nobody";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int databases;

    private readonly string folder;
    private readonly int port;
    private Process? process;

    private PostgresServer(string folder, int port) => (this.folder, this.port) = (folder, port);

    /// <summary>Where its socket is, for who shares our files and not our network.</summary>
    public string SocketFolder => folder;

    private string Data => Path.Combine(folder, "data");

    private string Server => $"Host=127.0.0.1;Port={port};Username=postgres";

    public static async Task<PostgresServer> Start()
    {
        var place = Directory.CreateTempSubdirectory("deploycard-pg-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(place, (UnixFileMode)0b111_111_111);
        var server = new PostgresServer(place, FreePort());
        await server.Run("initdb", "--pgdata", server.Data, "--username", "postgres", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C");
        await server.Resume();
        return server;
    }

    /// <summary>An empty database. Returns what to connect to it by.</summary>
    public async Task<string> CreateDatabase()
    {
        var name = $"deploycard{Interlocked.Increment(ref databases)}";
        await using var source = NpgsqlDataSource.Create(Server);
        await using var create = source.CreateCommand($"CREATE DATABASE {name}");
        await create.ExecuteNonQueryAsync();
        return $"{Server};Database={name}";
    }

    /// <summary>The same by the socket in its folder.</summary>
    public string BySocket(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Host = folder }.ToString();

    /// <summary>Ends it in order, as an administrator does who does not wait for clients. What is stored stays.</summary>
    public Task Stop() => End("INT");

    /// <summary>Ends it as a power cut does.</summary>
    public Task Kill() => End("KILL");

    /// <summary>Starts it again on its data.</summary>
    public async Task Resume()
    {
        process = Process.Start(StartInfo("postgres", ["-D", Data, "-h", "127.0.0.1", "-p", $"{port}", "-k", folder, "-c", "max_connections=200"]))!;
        _ = process.StandardOutput.ReadToEndAsync();
        var output = process.StandardError.ReadToEndAsync();
        var started = Stopwatch.GetTimestamp();
        while (!await Answers())
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                throw new InvalidOperationException($"PostgreSQL did not start: {(process.HasExited ? await output : "")}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
            await Stop();
        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> Answers()
    {
        try
        {
            await using var connection = new NpgsqlConnection($"{Server};Database=postgres;Pooling=false;Timeout=5");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task End(string signal)
    {
        // The process itself: what launched it has become it.
        using var kill = Process.Start("kill", [$"-{signal}", $"{process!.Id}"]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    private async Task Run(string program, params string[] arguments)
    {
        using var running = Process.Start(StartInfo(program, arguments))!;
        var errors = running.StandardError.ReadToEndAsync();
        var output = await running.StandardOutput.ReadToEndAsync();
        await running.WaitForExitAsync();
        if (running.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {running.ExitCode}: {output}{await errors}");
    }

    private ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        string[] launcher = Environment.UserName == "root" ? ["setpriv", $"--reuid={Somebody}", "--clear-groups", "--"] : [];
        string[] all = [.. launcher, Find(program), .. arguments];
        return new(all[0], all.Skip(1)) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
    }

    private static string Find(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/local/bin"]);
        // Debian keeps those of each version in a folder of their own, beside the path.
        var debian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => $"{version}/bin") : [];
        return folders.Concat(debian).Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"{program} is not here: install PostgreSQL, on Debian by apt-get install postgresql");
    }
}
