using System.Collections.Concurrent;
using System.Diagnostics;
using DeployCard.Grains;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Runtimes;
using DeployCard.Grains.Runtimes.LocalProcess;
using DeployCard.Grains.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace DeployCard.Tests.Support;

/// <summary>
/// The domain in two real silos on one real SQLite file, with a clock that the test moves. Doubles stand at the edge only: pods, images and
/// gateways, which have tests of their own with real processes. It can be stopped and started again on the same data.
/// </summary>
public sealed class TestSilos : IAsyncDisposable
{
    /// <summary>How long an effect is waited for, in real time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    // On a busy machine a clock that leaps on while nobody has answered yet has everybody's patience end, for ever.
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(100);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deploycard-");
    private readonly ConcurrentQueue<string> complaints = new();
    private readonly List<RecordingGateway> gateways = [];
    private InProcessTestCluster? cluster;
    private string file;

    public TestSilos() => file = Path.Combine(folder.FullName, "deploycard.db");

    /// <summary>The time of all silos.</summary>
    public LeapingTime Clock { get; } = new(Begin);

    /// <summary>Settings as in <c>Deployments:MaxKeysPerDeployment</c>, for the next start.</summary>
    public Dictionary<string, string?> Settings { get; } = [];

    /// <summary>
    /// Where set, pods are no doubles: they are processes of the silos, made of the images in this folder, and time goes as it does. Silos notice then
    /// that another one is dead.
    /// </summary>
    public DirectoryInfo? ImagesFolder { get; set; }

    /// <summary>How many silos the next start has.</summary>
    public short Silos { get; set; } = 2;

    /// <summary>What else the next start's silos get.</summary>
    public Action<ISiloBuilder>? Further { get; set; }

    /// <summary>How long a write waits while <see cref="HoldStorage"/> holds the database, for the next start.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The pods, whichever silo asks for them.</summary>
    public ScriptedPodRuntime Pods { get; } = new();

    /// <summary>The images that there are.</summary>
    public ScriptedImageCatalog Images { get; } = new();

    /// <summary>What becomes of requests of asynchronous calls.</summary>
    public ScriptedPodCaller Caller { get; } = new();

    /// <summary>What becomes of callbacks.</summary>
    public ScriptedCallbackSender CallbackSender { get; } = new();

    /// <summary>The hasher of this installation.</summary>
    public KeyHasher Hasher { get; } = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    /// <summary>The webhook secrets of this installation.</summary>
    public WebhookSecretFactory WebhookSecrets { get; } = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    /// <summary>One gateway for each silo that runs.</summary>
    public IReadOnlyList<RecordingGateway> Gateways => gateways;

    public IGrainFactory Grains => Cluster.Client;

    public InProcessTestCluster Cluster => cluster ?? throw new InvalidOperationException("The silos do not run.");

    /// <summary>The folder with all that is stored.</summary>
    public string Folder => folder.FullName;

    /// <summary>What silos logged as a warning or worse.</summary>
    public IReadOnlyCollection<string> Complaints => complaints;

    public T Service<T>()
        where T : notnull => Cluster.Silos[0].ServiceProvider.GetRequiredService<T>();

    public IDeploymentGrain Deployment(string name) => Grains.GetGrain<IDeploymentGrain>(name);

    public async Task Start()
    {
        gateways.Clear();
        // Two silos that open a new file at once would both switch it to its write-ahead log, which SQLite refuses one of them without waiting.
        await Execute("PRAGMA journal_mode = WAL");
        var builder = new InProcessTestClusterBuilder(Silos);
        // Stored states are found by it: the next start must have the same.
        builder.Options.ServiceId = "deploycard";
        builder.ConfigureHost(host =>
            host.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddProvider(new Complaining(complaints))
        );
        builder.ConfigureSilo((_, silo) => Configure(silo));
        builder.ConfigureSiloHost(
            (_, host) => host.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(20))
        );
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    /// <summary>Ends the silos as an operator does. Pods end with the machine that they were on.</summary>
    public async Task Stop()
    {
        if (cluster is null)
            return;
        await cluster.StopAllSilosAsync();
        await cluster.DisposeAsync();
        cluster = null;
    }

    /// <summary>The silo that a grain is on.</summary>
    public async Task<InProcessSiloHandle> SiloOf(IAddressable grain) =>
        (await Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain) is { } address ? Cluster.GetSiloForAddress(address) : null)
        ?? throw new InvalidOperationException($"Grain {grain.GetGrainId()} is on no silo.");

    /// <summary>What a silo has that a grain is not on: a frontend or a gateway elsewhere.</summary>
    public async Task<IServiceProvider> Elsewhere(IAddressable grain)
    {
        var home = await SiloOf(grain);
        return Cluster.Silos.First(silo => silo != home).ServiceProvider;
    }

    public async Task Restart(Action? between = null)
    {
        await Stop();
        Pods.LoseAll();
        between?.Invoke();
        await Start();
    }

    /// <summary>
    /// Goes on as after a power failure at this moment: on a copy of what is on the disk now. What the old silos write while they end is lost.
    /// </summary>
    public async Task Crash(Action? between = null)
    {
        var left = Path.Combine(folder.FullName, $"left-{Guid.NewGuid():N}.db");
        await Execute("VACUUM INTO @left", ("@left", left));
        await Stop();
        Pods.LoseAll();
        file = left;
        between?.Invoke();
        await Start();
    }

    /// <summary>Lets nobody write to the database until what is returned is disposed of.</summary>
    public async Task<IAsyncDisposable> HoldStorage()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        await begin.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Writes a grain's state as another activation of it would: the present one finds that out when it writes next.</summary>
    public Task Overtake(string grain, string key) =>
        Execute(
            """
            UPDATE OrleansStorage SET Version = Version + 1
            WHERE iif(GrainIdExtensionString = '', CAST(GrainIdN1 AS TEXT), GrainIdExtensionString) = @key AND GrainTypeString LIKE @grain
            """,
            ("@key", key),
            ("@grain", $"%{grain}%")
        );

    /// <summary>A number from the database file, past all grains.</summary>
    public async Task<long> Count(string sql, params (string Name, object Value)[] parameters) =>
        Convert.ToInt64(await Execute($"SELECT count(*) FROM {sql}", parameters));

    /// <summary>Every byte that is stored now, log included.</summary>
    public async Task<byte[]> StoredBytes()
    {
        using var all = new MemoryStream();
        foreach (var path in Directory.GetFiles(folder.FullName))
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await stream.CopyToAsync(all);
        }

        return all.ToArray();
    }

    /// <summary>
    /// Reads until it is as expected. Where only time brings that about, <paramref name="step"/> moves the clock on between two looks, which come
    /// ever more slowly.
    /// </summary>
    public async Task<T> Until<T>(Func<Task<T>> read, Func<T, bool> seen, TimeSpan? step = null)
    {
        var started = Stopwatch.GetTimestamp();
        var longest = step is { } leap && leap / 10 < LongestPoll ? leap / 10 : LongestPoll;
        for (var pause = Poll; ; pause = pause < longest ? pause * 1.05 : pause)
        {
            var last = await read();
            if (seen(last))
                return last;
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException(
                    $"It was never seen like that; the last of it was {last}. Complaints: {string.Join('\n', complaints.TakeLast(10))}"
                );
            if (step is { } time)
                Clock.Advance(time);
            await Task.Delay(pause, TimeProvider.System);
        }
    }

    /// <inheritdoc cref="Until{T}(Func{Task{T}}, Func{T, bool}, TimeSpan?)"/>
    public Task Until(Func<bool> seen, TimeSpan? step = null) => Until(() => Task.FromResult(seen()), yes => yes, step);

    /// <inheritdoc cref="Until{T}(Func{Task{T}}, Func{T, bool}, TimeSpan?)"/>
    public Task Until(Func<Task<bool>> seen, TimeSpan? step = null) => Until(seen, yes => yes, step);

    /// <summary>
    /// Lets time pass in small steps, each with a while of real time for what it sets off: for what must <em>not</em> happen in that time.
    /// </summary>
    public async Task Pass(TimeSpan time, int steps = 20)
    {
        for (var i = 0; i < steps; i++)
        {
            Clock.Advance(time / steps);
            await Task.Delay(Poll, TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    private async Task<object?> Execute(string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()
        );
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are those of tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return await command.ExecuteScalarAsync();
    }

    private void Configure(ISiloBuilder silo)
    {
        var gateway = new RecordingGateway();
        lock (gateways)
            gateways.Add(gateway);
        silo.AddSqliteStorage(options => (options.Path, options.BusyTimeout) = (file, BusyTimeout));
        if (ImagesFolder is { } images)
            UseProcesses(silo, images);
        else
            UseDoubles(silo);
        silo.Services.AddSingleton<IPodCaller>(Caller)
            .AddSingleton<ICallbackSender>(CallbackSender)
            .AddSingleton<IGateway>(gateway)
            .AddSingleton(Hasher)
            .AddSingleton(WebhookSecrets)
            .AddGrains(new ConfigurationBuilder().AddInMemoryCollection(Settings).Build());
        Further?.Invoke(silo);
    }

    private static void UseProcesses(ISiloBuilder silo, DirectoryInfo images)
    {
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            (options.ProbeTimeout, options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration) = (TimeSpan.FromSeconds(1), 2, 1);
            options.TableRefreshTimeout = TimeSpan.FromSeconds(1);
        });
        silo.Services.AddSingleton(TimeProvider.System)
            .AddClusteredLocalProcessRuntime()
            .Configure<LocalProcessOptions>(options => options.ImagesFolders.Add(images.FullName));
    }

    private void UseDoubles(ISiloBuilder silo)
    {
        // A leap of days would look as if every other silo had missed its probes.
        silo.Configure<ClusterMembershipOptions>(options => options.LivenessEnabled = false);
        silo.Services.AddSingleton<TimeProvider>(Clock)
            .AddSingleton<IPodRuntime>(services =>
            {
                Pods.Pump = services.GetRequiredService<IPodLogPump>();
                return Pods;
            })
            .AddSingleton<IImageCatalog>(Images);
    }

    private sealed class Complaining(ConcurrentQueue<string> complaints) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (IsEnabled(logLevel))
                complaints.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
        }

        public void Dispose() { }
    }
}
