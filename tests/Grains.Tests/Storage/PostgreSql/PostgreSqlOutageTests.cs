using System.Diagnostics;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Storage;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace DeployCard.Grains.Tests.Storage.PostgreSql;

/// <summary>Stores and Orleans' provider while the server comes and goes.</summary>
public sealed class PostgreSqlOutageTests : IAsyncLifetime
{
    /// <summary>A busy machine is slow to answer, and that is no outage.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PostgresServer server = null!;
    private PostgreSqlDatabase database = null!;
    private InProcessTestCluster? cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IGrainStorage Storage => cluster!.Silos[0].ServiceProvider.GetRequiredService<IGrainStorage>();

    private IKeyStore Keys => cluster!.Silos[0].ServiceProvider.GetRequiredService<IKeyStore>();

    public async ValueTask InitializeAsync()
    {
        server = await PostgresServer.Run(isDurable: true);
        database = new(server);
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
        {
            await cluster.StopAllSilosAsync();
            await cluster.DisposeAsync();
        }

        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_restart_of_the_server_everything_acknowledged_is_there_and_the_next_write_succeeds(bool isKilled)
    {
        await Start(Patience);
        var states = Enumerable
            .Range(0, 32)
            .Select(i => new GrainState<KeyState>(
                new()
                {
                    Id = $"k{i}",
                    Hash = $"hash{i}",
                    Deployment = "iris",
                }
            ))
            .ToList();
        await Task.WhenAll(states.Select(Write));

        await (isKilled ? server.Kill() : server.Stop());
        foreach (
            var work in new Func<Task>[]
            {
                () => Write(states[0]),
                () => Keys.Find("hash1", Token),
                () => Read(states[0]),
                () => Clear(states[0]),
            }
        )
            await IsToldToBeAway(work);
        await server.Start();

        // All connections of the pool are broken, and nobody is to see one of them.
        await Task.WhenAll(states.Select(Write));
        (await Keys.Find("hash31", Token)).ShouldNotBeNull();
        states[0].ETag.ShouldBe("2");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_that_nobody_noticed_is_not_noticed_afterwards_either(bool isKilled)
    {
        await Start(Patience);
        var states = Enumerable
            .Range(0, 32)
            .Select(i => new GrainState<KeyState>(
                new()
                {
                    Id = $"k{i}",
                    Hash = $"hash{i}",
                    Deployment = "iris",
                }
            ))
            .ToList();
        await Task.WhenAll(states.Select(Write));

        await (isKilled ? server.Kill() : server.Stop());
        await server.Start();

        await Task.WhenAll(states.Select(Write));
        (await Keys.Find("hash31", Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Writes_that_a_kill_meets_are_told_and_no_acknowledged_one_is_lost()
    {
        await Start(Patience);
        var acknowledged = new int[16];
        var isKilled = false;
        var writers = Enumerable
            .Range(0, acknowledged.Length)
            .Select(i =>
                Task.Run(
                    async () =>
                    {
                        var state = new GrainState<KeyState>();
                        var isKnown = false;
                        while (true)
                        {
                            try
                            {
                                // A busy machine answers too late, too: what became of that write is read.
                                if (!isKnown)
                                    await Storage.ReadStateAsync("key", GrainId.Create("test-key", $"hash{i}"), state);
                                if (!state.RecordExists)
                                    state.State = new()
                                    {
                                        Id = "k",
                                        Hash = $"hash{i}",
                                        Deployment = "iris",
                                    };
                                (isKnown, acknowledged[i]) = (true, state.State!.RequestBurst);
                                state.State.RequestBurst++;
                                await Write(state);
                                acknowledged[i]++;
                            }
                            catch (StorageException)
                            {
                                isKnown = false;
                                if (Volatile.Read(ref isKilled))
                                    return;
                            }
                        }
                    },
                    Token
                )
            )
            .ToList();
        var started = Stopwatch.GetTimestamp();
        while (acknowledged.Min() < 20)
        {
            Stopwatch
                .GetElapsedTime(started)
                .ShouldBeLessThan(TimeSpan.FromMinutes(2), $"writes that were acknowledged: {string.Join(' ', acknowledged)}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }

        Volatile.Write(ref isKilled, true);
        await server.Kill();
        await Task.WhenAll(writers);
        await server.Start();

        for (var i = 0; i < acknowledged.Length; i++)
        {
            var stored = (await Keys.Find($"hash{i}", Token)).ShouldNotBeNull().RequestBurst;
            // The one that was under way may have been kept or not.
            stored.ShouldBeInRange(acknowledged[i], acknowledged[i] + 1);
        }
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_in_time()
    {
        await Start(TimeSpan.FromSeconds(1));
        var state = new GrainState<KeyState>(
            new()
            {
                Id = "k",
                Hash = "hash",
                Deployment = "iris",
            }
        );
        await Write(state);
        await server.Pause();
        try
        {
            await IsToldToBeAway(() => Write(state));
            await IsToldToBeAway(() => Keys.Find("hash", Token));
        }
        finally
        {
            await server.Resume();
        }

        (await Keys.Find("hash", Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Connections_that_are_ended_and_a_server_that_takes_no_more_are_told_and_forgotten()
    {
        await Start(Patience);
        var state = new GrainState<KeyState>(
            new()
            {
                Id = "k",
                Hash = "hash",
                Deployment = "iris",
            }
        );
        await Write(state);
        await server.Execute(
            "ALTER DATABASE "
                + new Npgsql.NpgsqlConnectionStringBuilder(database.Options.ConnectionString).Database
                + " SET default_transaction_read_only = on"
        );
        await server.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'deploycard'");
        var error = await Should.ThrowAsync<StorageException>(async () =>
        {
            // The first may meet the connection that was ended.
            for (var i = 0; i < 3; i++)
            {
                try
                {
                    await Write(state);
                }
                catch (StorageException e) when (!e.Message.Contains("read-only"))
                {
                    e.Message.ShouldContain("not known");
                }
            }
        });
        error.Message.ShouldContain("Target Session Attributes=primary");
    }

    private async Task Start(TimeSpan patience)
    {
        (database.Options.ConnectTimeout, database.Options.CommandTimeout) = (patience, patience);
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => database.Use(silo));
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    private static async Task IsToldToBeAway(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        var error = await Should.ThrowAsync<StorageException>(work);
        error.Message.ShouldContain("Storage:ConnectionString");
        error.ToString().ShouldNotContain(PostgresServer.Password);
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    private static GrainId Id(GrainState<KeyState> state) => GrainId.Create("test-key", state.State!.Hash);

    private Task Write(GrainState<KeyState> state) => Storage.WriteStateAsync("key", Id(state), state);

    private Task Read(GrainState<KeyState> state) => Storage.ReadStateAsync("key", Id(state), new GrainState<KeyState>(new()));

    private Task Clear(GrainState<KeyState> state) =>
        Storage.ClearStateAsync("key", Id(state), new GrainState<KeyState>(new()) { ETag = "1" });
}
