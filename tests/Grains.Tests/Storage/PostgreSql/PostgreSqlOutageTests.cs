using System.Diagnostics;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Storage;
using DeployCard.Domain.Keys;
using DeployCard.Tests.Support;
using Orleans.Storage;

namespace DeployCard.Grains.Tests.Storage.PostgreSql;

/// <summary>Tests of the stores and the grain storage during outages and restarts of the server.</summary>
public sealed class PostgreSqlOutageTests : IAsyncLifetime
{
    /// <summary>Timeout that is long enough for a slow response on a busy machine not to count as an outage.</summary>
    private static readonly TimeSpan LongTimeout = TimeSpan.FromSeconds(30);

    private PostgresServer server = null!;
    private TestPostgreSqlDatabase database = null!;
    private InProcessSilos? silos;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IGrainStorage Storage => silos!.Service<IGrainStorage>();

    private IKeyStore Keys => silos!.Service<IKeyStore>();

    public async ValueTask InitializeAsync()
    {
        server = await PostgresServer.Run(isDurable: true);
        database = new(server);
    }

    public async ValueTask DisposeAsync()
    {
        if (silos is not null)
            await silos.DisposeAsync();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Acknowledged_writes_survive_a_server_restart_and_the_next_write_succeeds(bool isKilled)
    {
        await Start(LongTimeout);
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
            await ShouldBeUnavailable(work);
        await server.Start();

        // All pooled connections are broken, but no caller may notice.
        await Task.WhenAll(states.Select(Write));
        (await Keys.Find("hash31", Token)).ShouldNotBeNull();
        states[0].ETag.ShouldBe("2");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_restart_between_two_writes_causes_no_error(bool isKilled)
    {
        await Start(LongTimeout);
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
    public async Task Writes_interrupted_by_a_server_kill_fail_and_no_acknowledged_write_is_lost()
    {
        await Start(LongTimeout);
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
                                // A write can also time out on a busy machine; its outcome is then read from the database.
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
        await Eventually.True(
            () => acknowledged.Min() >= 20,
            "each writer has 20 acknowledged writes",
            Token,
            TimeSpan.FromMinutes(2),
            () => $"Acknowledged writes: {string.Join(' ', acknowledged)}"
        );

        Volatile.Write(ref isKilled, true);
        await server.Kill();
        await Task.WhenAll(writers);
        await server.Start();

        for (var i = 0; i < acknowledged.Length; i++)
        {
            var stored = (await Keys.Find($"hash{i}", Token)).ShouldNotBeNull().RequestBurst;
            // The write in progress may or may not have been stored.
            stored.ShouldBeInRange(acknowledged[i], acknowledged[i] + 1);
        }
    }

    [Fact]
    public async Task Operations_on_an_unresponsive_server_fail_after_the_timeout()
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
            await ShouldBeUnavailable(() => Write(state));
            await ShouldBeUnavailable(() => Keys.Find("hash", Token));
        }
        finally
        {
            await server.Resume();
        }

        (await Keys.Find("hash", Token)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Terminated_connections_are_replaced_and_a_read_only_database_is_reported()
    {
        await Start(LongTimeout);
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
            // The first write may use a connection that was terminated.
            for (var i = 0; i < 3; i++)
            {
                try
                {
                    await Write(state);
                }
                catch (StorageException e) when (!e.Message.Contains("read-only"))
                {
                    e.Message.ShouldContain("may or may not have been stored");
                }
            }
        });
        error.Message.ShouldContain("Target Session Attributes=primary");
    }

    private async Task Start(TimeSpan timeout)
    {
        (database.Options.ConnectTimeout, database.Options.CommandTimeout) = (timeout, timeout);
        silos = new(database.Use);
        await silos.Start();
    }

    private static async Task ShouldBeUnavailable(Func<Task> work)
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
