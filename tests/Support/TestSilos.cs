using System.Collections.Concurrent;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Routing;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain;
using DeployCard.LocalProcess.Hosting;
using DeployCard.LocalProcess.Settings;
using DeployCard.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace DeployCard.Tests.Support;

/// <summary>
/// A cluster of two real silos on one real SQLite file, with a clock that the test advances. Only the edges are test doubles: pods,
/// images and gateways, which have separate tests with real processes. The cluster can be stopped and started again on the same data.
/// </summary>
public sealed class TestSilos : IAsyncDisposable
{
    /// <summary>Maximum real time to wait for a condition.</summary>
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    // On a busy machine, a clock that advances faster than calls complete would let every call time out.
    private static readonly TimeSpan MaxPoll = TimeSpan.FromMilliseconds(100);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deploycard-");
    private readonly ConcurrentQueue<string> warnings = new();
    private readonly List<RecordingGateway> gateways = [];
    private readonly InProcessSilos silos;
    private string file;

    public TestSilos()
    {
        file = Path.Combine(folder.FullName, "deploycard.db");
        silos = new(Configure) { Count = 2, Logging = new WarningCollector(warnings) };
    }

    /// <summary>Clock of all silos.</summary>
    public AdvanceableTime Clock { get; } = new(Begin);

    /// <summary>Settings for the next start, for example <c>Deployments:MaxKeysPerDeployment</c>.</summary>
    public Dictionary<string, string?> Settings { get; } = [];

    /// <summary>
    /// Folder of images. If set, pods are real processes of the silos, the clock is the system clock, and silos detect dead silos; if
    /// null, pods are test doubles.
    /// </summary>
    public DirectoryInfo? ImagesFolder { get; set; }

    /// <summary>Number of silos at the next start.</summary>
    public short SiloCount
    {
        get => silos.Count;
        set => silos.Count = value;
    }

    /// <summary>Additional configuration of the silos at the next start.</summary>
    public Action<ISiloBuilder>? ConfigureSilo { get; set; }

    /// <summary>
    /// Maximum time for which a write waits while <see cref="LockStorage"/> locks the database; applies at the next start.
    /// </summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Pod runtime shared by all silos.</summary>
    public ScriptedPodRuntime Pods { get; } = new();

    /// <summary>Image catalog shared by all silos.</summary>
    public ScriptedImageCatalog Images { get; } = new();

    /// <summary>Test double that receives the requests of asynchronous calls.</summary>
    public ScriptedPodCaller Caller { get; } = new();

    /// <summary>Test double that receives callbacks.</summary>
    public ScriptedCallbackSender CallbackSender { get; } = new();

    /// <summary>Key hasher of the installation.</summary>
    public KeyHasher Hasher { get; } = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    /// <summary>Factory of the webhook secrets of the installation.</summary>
    public WebhookSecretFactory WebhookSecrets { get; } = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    /// <summary>Gateways of the running silos, one for each silo.</summary>
    public IReadOnlyList<RecordingGateway> Gateways => gateways;

    public IGrainFactory Grains => Cluster.Client;

    public InProcessTestCluster Cluster => silos.Cluster;

    /// <summary>Path of the folder with all stored files.</summary>
    public string Folder => folder.FullName;

    /// <summary>Log messages of the silos with level Warning or higher.</summary>
    public IReadOnlyCollection<string> Warnings => warnings;

    public T Service<T>()
        where T : notnull => silos.Service<T>();

    public IDeploymentGrain Deployment(string name) => Grains.GetGrain<IDeploymentGrain>(name);

    public async Task Start()
    {
        gateways.Clear();
        // Two silos that open a new file concurrently would both switch it to write-ahead logging, and SQLite fails one of them
        // immediately.
        await Execute("PRAGMA journal_mode = WAL");
        await silos.Start();
    }

    /// <summary>Shuts the silos down gracefully. Scripted pods keep running.</summary>
    public Task Stop() => silos.Stop();

    /// <summary>Returns the silo that hosts the activation of a grain.</summary>
    public async Task<InProcessSiloHandle> FindSilo(IAddressable grain) =>
        (await Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain) is { } address ? Cluster.GetSiloForAddress(address) : null)
        ?? throw new InvalidOperationException($"Grain {grain.GetGrainId()} has no activation.");

    /// <summary>Returns the services of a silo that does not host the grain, for example to use a remote gateway.</summary>
    public async Task<IServiceProvider> ServicesOfOtherSilo(IAddressable grain)
    {
        var home = await FindSilo(grain);
        return Cluster.Silos.First(silo => silo != home).ServiceProvider;
    }

    public async Task Restart(Action? between = null)
    {
        await Stop();
        Pods.RemoveAll();
        between?.Invoke();
        await Start();
    }

    /// <summary>
    /// Restarts as after a power failure at this moment, on a copy of the current database. Writes of the old silos during their shutdown
    /// are lost.
    /// </summary>
    public async Task Crash(Action? between = null)
    {
        var copy = Path.Combine(folder.FullName, $"copy-{Guid.NewGuid():N}.db");
        await Execute("VACUUM INTO @copy", ("@copy", copy));
        await Stop();
        Pods.RemoveAll();
        file = copy;
        between?.Invoke();
        await Start();
    }

    /// <summary>Locks the database against writes until the returned object is disposed.</summary>
    public async Task<IAsyncDisposable> LockStorage()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        await begin.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>
    /// Increments the version of a grain's state, as another activation would. The next write of the current activation fails.
    /// </summary>
    public Task IncrementStateVersion(string grain, string key) =>
        Execute(
            """
            UPDATE OrleansStorage SET Version = Version + 1
            WHERE iif(GrainIdExtensionString = '', CAST(GrainIdN1 AS TEXT), GrainIdExtensionString) = @key AND GrainTypeString LIKE @grain
            """,
            ("@key", key),
            ("@grain", $"%{grain}%")
        );

    /// <summary>Counts rows in the database file directly.</summary>
    public async Task<long> CountRows(string sql, params (string Name, object Value)[] parameters) =>
        Convert.ToInt64(await Execute($"SELECT count(*) FROM {sql}", parameters));

    /// <summary>Returns all stored bytes, including the write-ahead log.</summary>
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
    /// Reads a value until it satisfies <paramref name="seen"/>, and returns the value. If <paramref name="step"/> is not null, advances
    /// the clock by that time between two reads. The interval between reads grows.
    /// </summary>
    public Task<T> Until<T>(Func<Task<T>> read, Func<T, bool> seen, TimeSpan? step = null)
    {
        var delay = Poll;
        var max = step is { } leap && leap / 10 < MaxPoll ? leap / 10 : MaxPoll;
        return Eventually.Get(read, seen, CancellationToken.None, WaitTimeout, Describe, Pause);

        Task Pause()
        {
            if (step is { } time)
                Clock.Advance(time);
            var current = delay;
            delay = delay < max ? delay * 1.05 : delay;
            return Task.Delay(current, TimeProvider.System);
        }
    }

    /// <inheritdoc cref="Until{T}(Func{Task{T}}, Func{T, bool}, TimeSpan?)"/>
    public Task Until(Func<bool> seen, TimeSpan? step = null) => Until(() => Task.FromResult(seen()), yes => yes, step);

    /// <inheritdoc cref="Until{T}(Func{Task{T}}, Func{T, bool}, TimeSpan?)"/>
    public Task Until(Func<Task<bool>> seen, TimeSpan? step = null) => Until(seen, yes => yes, step);

    /// <summary>
    /// Reads a value until it satisfies <paramref name="seen"/>, and returns the value. Between two reads, advances the clock to the time
    /// at which the next action is due, if the value has such a time in the future. A wait of hours takes a few milliseconds per action.
    /// </summary>
    public Task<T> UntilDue<T>(Func<Task<T>> read, Func<T, DateTimeOffset?> nextAt, Func<T, bool> seen)
    {
        DateTimeOffset? next = null;
        return Eventually.Get(Read, seen, CancellationToken.None, WaitTimeout, Describe, Pause);

        async Task<T> Read()
        {
            var value = await read();
            next = nextAt(value);
            return value;
        }

        Task Pause()
        {
            if (next - Clock.GetUtcNow() is { } remaining && remaining > TimeSpan.Zero)
                Clock.Advance(remaining);
            return Task.Delay(Poll, TimeProvider.System);
        }
    }

    /// <summary>
    /// Advances the clock in small steps, each followed by some real time for its effects. Used to check that something does <em>not</em>
    /// happen.
    /// </summary>
    public async Task AdvanceInSteps(TimeSpan time, int steps = 20)
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

    private string Describe() => $"Warnings: {string.Join('\n', warnings.TakeLast(10))}";

    private async Task<object?> Execute(string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()
        );
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The SQL text comes from tests.
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
        ConfigureSilo?.Invoke(silo);
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
        // After a jump of days, every silo would appear to have missed its probes.
        silo.Configure<ClusterMembershipOptions>(options => options.LivenessEnabled = false);
        silo.Services.AddSingleton<TimeProvider>(Clock)
            .AddSingleton<IPodRuntime>(services =>
            {
                Pods.LogForwarder = services.GetRequiredService<IPodLogForwarder>();
                return Pods;
            })
            .AddSingleton<IImageCatalog>(Images);
    }

    private sealed class WarningCollector(ConcurrentQueue<string> warnings) : ILoggerProvider, ILogger
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
                warnings.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
        }

        public void Dispose() { }
    }
}
