using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace DeployCard.Tests.Support;

/// <summary>
/// A real PostgreSQL server on a free port of the loopback, in a folder of its own. It ends with this process, however that ends, and leaves
/// nothing behind; it may be stopped, killed and started again on its data before.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "deploycard";

    /// <summary>The password of its only user: no test may find it in a message.</summary>
    public const string Password = "s3cret; of'tests";

    /// <summary>How long it may take to answer after a start, recovery included.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Lazy<Task<PostgresServer>> OfThisRun = new(RunForAll);

    private readonly string folder;
    private readonly bool isDurable;
    private readonly (string Name, string Value)[] others;
    private KeptProcess? keeper;

    private PostgresServer(string folder, int port, bool isDurable, (string Name, string Value)[] others) =>
        (this.folder, Port, this.isDurable, this.others) = (folder, port, isDurable, others);

    /// <summary>Its port, the same after each start.</summary>
    public int Port { get; }

    /// <summary>The process that all others of it come from.</summary>
    public int ProcessId => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>The server that the tests of this process share; started when it is first asked for.</summary>
    public static Task<PostgresServer> Shared => OfThisRun.Value;

    /// <summary>Starts a server of its own, for tests that stop it.</summary>
    /// <param name="isDurable">Whether a commit waits for the disk. Off, it is faster, and a crash of the machine (not of the server) loses commits.</param>
    /// <param name="settings">Settings of the server that are to be others than usual here.</param>
    public static async Task<PostgresServer> Run(bool isDurable = false, params (string Name, string Value)[] settings)
    {
        var server = new PostgresServer(
            Directory.CreateTempSubdirectory("deploycard-postgres-").FullName,
            TestPorts.Free(),
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

    /// <summary>The way to one of its databases.</summary>
    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = database,
            Username = User,
            Password = Password,
        }.ConnectionString;

    /// <summary>The same way by its Unix socket, for who shares our files and not our network.</summary>
    public string BySocket(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = folder }.ConnectionString;

    /// <summary>Makes an empty database, and returns the way to it.</summary>
    public async Task<string> CreateDatabase()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await Execute($"CREATE DATABASE {name} TEMPLATE template0");
        return ConnectionString(name);
    }

    /// <summary>Removes a database, whoever is connected to it.</summary>
    public async Task DropDatabase(string connectionString) =>
        await Execute($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>Says something to it on a connection of its own.</summary>
    public async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection($"{ConnectionString("postgres")};Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // The texts are those of tests.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Starts it on its data, and returns when it answers.</summary>
    public async Task Start()
    {
        keeper = KeptProcess.Start("QUIT", LogFile, [.. Unprivileged(Tool("postgres")), "-D", Data, .. Settings()]);
        var started = Stopwatch.GetTimestamp();
        while (!await Answers())
        {
            if (keeper.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                throw new InvalidOperationException($"PostgreSQL did not start: {await File.ReadAllTextAsync(LogFile)}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Ends it in order: open connections are told so.</summary>
    public Task Stop() => End("INT");

    /// <summary>Ends it as a crash does: connections break, and the next start recovers.</summary>
    public Task Kill() => End("KILL");

    /// <summary>It and all its processes stand still, as on a machine that hangs: connections are open, and nothing answers.</summary>
    public Task Pause() => Signal("STOP");

    /// <summary>It goes on.</summary>
    public Task Resume() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (keeper is not null)
            await End("QUIT");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(folder, "data");

    private string LogFile => Path.Combine(folder, "server.log");

    /// <summary>Where a program of PostgreSQL lies: on the path, or where Debian keeps it.</summary>
    private static string Tool(string name)
    {
        var onPath = Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? [];
        string[] ofDebian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return onPath
                .Concat(ofDebian.OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")))
                .Select(place => Path.Combine(place, name))
                .FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                $"'{name}' is not installed: these tests need a PostgreSQL server, version 13 or later (Debian: apt-get install postgresql)."
            );
    }

    /// <summary>It refuses to run as root: there it runs as nobody.</summary>
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
        // Whoever else is to reach its socket must get into its folder.
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
            // Every commit is handed to the operating system at least: else the server's own crash would lose the last ones.
            ["synchronous_commit"] = "on",
            ["fsync"] = isDurable ? "on" : "off",
            ["logging_collector"] = "off",
        };
        foreach (var (name, value) in others)
            settings[name] = value;
        return [.. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
    }

    private async Task<bool> Answers()
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

    private async Task End(string signal)
    {
        var processes = Processes();
        if (processes is [var server, ..])
            await Complete("/bin/kill", [$"-{signal}", server.ToString(CultureInfo.InvariantCulture)]);
        await keeper!.WaitForEnd(Patience);
        await keeper.DisposeAsync();
        keeper = null;
        // After a kill its children notice by themselves that it is gone; until they are, it cannot start again.
        var started = Stopwatch.GetTimestamp();
        while (processes.Exists(id => Directory.Exists($"/proc/{id}")))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new InvalidOperationException("Processes of the server are still there.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>The server and its children, one of which serves each connection; none when it does not run.</summary>
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
