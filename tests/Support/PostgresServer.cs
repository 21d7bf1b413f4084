using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace DeployCard.Tests.Support;

/// <summary>
/// A real PostgreSQL server on a free loopback port, with a temporary folder. The server ends with the test process, even if that is
/// killed, and its files are removed. A test can stop or kill the server and start it again on the same data.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "deploycard";

    /// <summary>Password of the only user. Tests check that no message contains it.</summary>
    public const string Password = "s3cret; of'tests";

    /// <summary>Maximum time until the server responds after a start, including recovery.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private static readonly Lazy<Task<PostgresServer>> SharedServer = new(RunForAll);

    private readonly string folder;
    private readonly bool isDurable;
    private readonly (string Name, string Value)[] extraSettings;
    private SupervisedProcess? process;

    private PostgresServer(string folder, int port, bool isDurable, (string Name, string Value)[] extraSettings) =>
        (this.folder, Port, this.isDurable, this.extraSettings) = (folder, port, isDurable, extraSettings);

    /// <summary>Port of the server, which does not change when the server restarts.</summary>
    public int Port { get; }

    /// <summary>Id of the server's main process (postmaster).</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>Server shared by all tests of this process, started on first use.</summary>
    public static Task<PostgresServer> Shared => SharedServer.Value;

    /// <summary>Starts a separate server, for tests that stop their server.</summary>
    /// <param name="isDurable">
    /// Whether a commit waits for the disk. If false, commits are faster, but a crash of the machine (not of the server) loses recent
    /// commits.
    /// </param>
    /// <param name="settings">Settings of the server that override the defaults of the tests.</param>
    public static async Task<PostgresServer> Run(bool isDurable = false, params (string Name, string Value)[] settings)
    {
        var server = new PostgresServer(
            Directory.CreateTempSubdirectory("deploycard-postgres-").FullName,
            TestPorts.FindFree(),
            isDurable,
            settings
        );
        try
        {
            await server.Initialize();
            await server.Start();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static async Task<PostgresServer> RunForAll()
    {
        var server = await Run();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return server;
    }

    /// <summary>Returns the connection string of a database.</summary>
    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = database,
            Username = User,
            Password = Password,
        }.ConnectionString;

    /// <summary>Changes a connection string to use the Unix socket, for processes that share the file system but not the network.</summary>
    public string ViaUnixSocket(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = folder }.ConnectionString;

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabase()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await Execute($"CREATE DATABASE {name} TEMPLATE template0");
        return ConnectionString(name);
    }

    /// <summary>Drops a database, even if clients are connected to it.</summary>
    public async Task DropDatabase(string connectionString) =>
        await Execute($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>Executes a statement on a new connection.</summary>
    public async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection($"{ConnectionString("postgres")};Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // The SQL text comes from tests.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Starts the server on its data and returns when the server responds.</summary>
    public async Task Start()
    {
        process = SupervisedProcess.Start("QUIT", LogFile, [.. Unprivileged(Tool("postgres")), "-D", Data, .. Settings()]);
        await process.WaitUntilReady(IsResponding, "PostgreSQL", StartTimeout);
    }

    /// <summary>Shuts the server down gracefully: open connections receive an error.</summary>
    public Task Stop() => EndServer("INT");

    /// <summary>Kills the server as in a crash: connections break, and the next start runs recovery.</summary>
    public Task Kill() => EndServer("KILL");

    /// <summary>Suspends all processes of the server, as on a machine that hangs: connections stay open but get no response.</summary>
    public Task Pause() => Signal("STOP");

    /// <summary>Resumes a server suspended by <see cref="Pause"/>.</summary>
    public Task Resume() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await EndServer("QUIT");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(folder, "data");

    private string LogFile => Path.Combine(folder, "server.log");

    /// <summary>Finds a program of PostgreSQL on the PATH or in Debian's folders.</summary>
    private static string Tool(string name)
    {
        var onPath = Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? [];
        string[] debianFolders = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return onPath
                .Concat(debianFolders.OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")))
                .Select(directory => Path.Combine(directory, name))
                .FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"'{name}' is not installed: these tests need PostgreSQL 13 or later (Debian: apt-get install postgresql)."
            );
    }

    /// <summary>Returns a command that runs as an unprivileged user if the tests run as root, because PostgreSQL rejects root.</summary>
    private static string[] Unprivileged(string program) =>
        IsRoot ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", program] : [program];

    private static Process Launch(string program, IEnumerable<string> arguments) =>
        Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                WorkingDirectory = "/",
            }
        )!;

    private static async Task Complete(string program, IEnumerable<string> arguments)
    {
        using var process = Launch(program, arguments);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {await output}{await errors}");
    }

    private async Task Initialize()
    {
        var passwordFile = Path.Combine(folder, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        // Other users that connect to the Unix socket need access to its folder.
        await Complete("/bin/chmod", ["755", folder]);
        if (IsRoot)
            await Complete("/bin/chown", ["-R", "nobody:nogroup", folder]);
        string[] command =
        [
            .. Unprivileged(Tool("initdb")),
            "-D",
            Data,
            "-U",
            User,
            "--pwfile",
            passwordFile,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ];
        await Complete(command[0], command[1..]);
    }

    private string[] Settings()
    {
        Dictionary<string, string> settings = new()
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = folder,
            ["max_connections"] = "300",
            ["shared_buffers"] = "64MB",
            ["max_wal_size"] = "256MB",
            // Pass at least every commit to the operating system: otherwise a crash of the server would lose the last commits.
            ["synchronous_commit"] = "on",
            ["fsync"] = isDurable ? "on" : "off",
            ["logging_collector"] = "off",
        };
        foreach (var (name, value) in extraSettings)
            settings[name] = value;
        return [.. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
    }

    private async Task<bool> IsResponding()
    {
        try
        {
            await Execute("SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task Signal(string signal) =>
        await Complete("/bin/kill", [$"-{signal}", .. Processes().Select(id => id.ToString(CultureInfo.InvariantCulture))]);

    private async Task EndServer(string signal)
    {
        var processes = Processes();
        if (processes is [var server, ..])
            await Complete("/bin/kill", [$"-{signal}", server.ToString(CultureInfo.InvariantCulture)]);
        await process!.WaitForEnd(StartTimeout);
        await process.DisposeAsync();
        process = null;
        // After a kill, the child processes notice the end of the server and exit. The server cannot start again before that.
        await Eventually.True(
            () => !processes.Exists(id => Directory.Exists($"/proc/{id}")),
            "all processes of the PostgreSQL server have ended",
            CancellationToken.None,
            StartTimeout
        );
    }

    /// <summary>Returns the ids of the server process and its children; empty if the server does not run.</summary>
    private List<int> Processes()
    {
        var pidFile = Path.Combine(Data, "postmaster.pid");
        if (
            !File.Exists(pidFile)
            || !int.TryParse(File.ReadLines(pidFile).First(), CultureInfo.InvariantCulture, out var server)
            || !Directory.Exists($"/proc/{server}")
        )
            return [];
        var children = File.ReadAllText($"/proc/{server}/task/{server}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [server, .. children.Select(int.Parse)];
    }
}
