using System.Net;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;

namespace DeployCard.Grains.Tests.Storage.PostgreSql;

/// <summary>Tests of Orleans' membership and reminders on the tables that the scripts create.</summary>
public sealed class PostgreSqlClusterTests : IAsyncLifetime
{
    private readonly TestPostgreSqlDatabase database = new();
    private readonly List<IHost> silos = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IMembershipTable Membership => silos[0].Services.GetRequiredService<IMembershipTable>();

    private IReminderTable Reminders => silos[0].Services.GetRequiredService<IReminderTable>();

    public async ValueTask InitializeAsync()
    {
        await StartSilo();
        await StartSilo();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in silos)
        {
            await silo.StopAsync(CancellationToken.None);
            silo.Dispose();
        }

        await database.DisposeAsync();
    }

    [Fact]
    public async Task Silos_and_clients_find_each_other_through_the_membership_table()
    {
        (await Silos(SiloStatus.Active)).ShouldBe(2);
        var born = await AliveTimes();
        await Eventually.Get(AliveTimes, times => times.TrueForAll(time => time > born.Max()), Token);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleansClient(client =>
            client
                .Configure<ClusterOptions>(Name)
                .UseAdoNetClustering(options =>
                    (options.Invariant, options.ConnectionString) = ("Npgsql", database.Options.ConnectionString)
                )
        );
        using var client = builder.Build();
        await client.StartAsync(Token);
        var grains = client.Services.GetRequiredService<IGrainFactory>();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => grains.GetGrain<ITestDeploymentGrain>($"d{i}").Write("x")));
        await silos[1].StopAsync(Token);

        await Eventually.Get(
            async () => (Active: await Silos(SiloStatus.Active), Dead: await Silos(SiloStatus.Dead)),
            silos => silos is (1, 1),
            Token
        );
        (await silos[0].Services.GetRequiredService<IGrainFactory>().GetGrain<ITestDeploymentGrain>("d1").Title()).ShouldBe("x");
        await StartSilo();
        (await Silos(SiloStatus.Active)).ShouldBe(2);
        await client.StopAsync(Token);
    }

    [Fact]
    public async Task Only_one_of_several_concurrent_membership_changes_succeeds()
    {
        var table = Membership;
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        MembershipEntry Entry(int port) =>
            new()
            {
                SiloAddress = SiloAddress.New(IPAddress.Loopback, port, 1),
                HostName = "host",
                SiloName = $"silo{port}",
                Status = SiloStatus.Dead,
                StartTime = now,
                IAmAliveTime = now,
            };
        var before = (await table.ReadAllAsync(Token)).Version;

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 8).Select(port => table.InsertRowAsync(Entry(port), before.Next(), Token)));

        outcomes.Count(success => success).ShouldBe(1);
        var after = await table.ReadAllAsync(Token);
        after.Version.Version.ShouldBe(before.Version + 1);
        after.Members.Count.ShouldBe(3);
        var (entry, tag) = after.Members.Single(member =>
            member.Item1.SiloName.StartsWith("silo", StringComparison.Ordinal) && member.Item1.IAmAliveTime == now
        );
        (await table.InsertRowAsync(Entry(entry.SiloAddress.Endpoint.Port), after.Version.Next(), Token)).ShouldBeFalse();
        entry.AddSuspector(silos[0].Services.GetRequiredService<ILocalSiloDetails>().SiloAddress, now);
        (await table.UpdateRowAsync(entry, tag, before.Next(), Token)).ShouldBeFalse();
        (await table.UpdateRowAsync(entry, tag, after.Version.Next(), Token)).ShouldBeTrue();
        (await table.ReadRowAsync(entry.SiloAddress, Token)).Members.Single().Item1.SuspectTimes.ShouldHaveSingleItem();
        (await table.ReadRowAsync(SiloAddress.New(IPAddress.Loopback, 99, 1), Token)).Version.Version.ShouldBe(before.Version + 2);
    }

    [Fact]
    public async Task Cleanup_removes_dead_silos_but_no_active_ones()
    {
        var table = Membership;
        var old = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        foreach (var (port, status) in new[] { (1, SiloStatus.Dead), (2, SiloStatus.Dead), (3, SiloStatus.Active) })
        {
            var entry = new MembershipEntry
            {
                SiloAddress = SiloAddress.New(IPAddress.Loopback, port, 1),
                HostName = "host",
                SiloName = "old",
                Status = status,
                StartTime = old,
                IAmAliveTime = old,
            };
            (await table.InsertRowAsync(entry, (await table.ReadAllAsync(Token)).Version.Next(), Token)).ShouldBeTrue();
        }

        await table.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero), Token);

        (await table.ReadAllAsync(Token)).Members.Count(member => member.Item1.SiloName == "old").ShouldBe(1);
        (await Silos(SiloStatus.Active)).ShouldBe(3);
        await table.DeleteMembershipTableEntriesAsync("another", Token);
        (await table.ReadAllAsync(Token)).Members.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Reminders_are_stored_read_by_range_and_removed()
    {
        var table = Reminders;
        var start = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        GrainId[] grains = [.. Enumerable.Range(0, 20).Select(i => GrainId.Create("reminded", $"g{i}"))];
        foreach (var grain in grains)
            await table.UpsertRow(
                new()
                {
                    GrainId = grain,
                    ReminderName = "r",
                    StartAt = start,
                    Period = TimeSpan.FromDays(60),
                },
                Token
            );
        var again = await table.UpsertRow(
            new()
            {
                GrainId = grains[0],
                ReminderName = "r",
                StartAt = start.AddDays(1),
                Period = TimeSpan.FromDays(1),
            },
            Token
        );

        var hashes = grains.Select(grain => grain.GetUniformHashCode()).Order().ToArray();
        (await table.ReadRows(hashes[4], hashes[9], Token)).Reminders.Count.ShouldBe(5);
        (await table.ReadRows(hashes[9], hashes[4], Token)).Reminders.Count.ShouldBe(15);
        (await table.ReadRows(0, 0, Token)).Reminders.Count.ShouldBe(20);
        var row = await table.ReadRow(grains[0], "r", Token);
        row.ShouldNotBeNull();
        (row.StartAt, row.Period, row.ETag).ShouldBe((start.AddDays(1), TimeSpan.FromDays(1), again));
        (await table.RemoveRow(grains[0], "r", "77", Token)).ShouldBeFalse();
        (await table.RemoveRow(grains[0], "r", again.ShouldNotBeNull(), Token)).ShouldBeTrue();
        (await table.ReadRows(grains[0], Token)).Reminders.ShouldBeEmpty();
        (await table.ReadRows(grains[1], Token)).Reminders.ShouldHaveSingleItem().Period.ShouldBe(TimeSpan.FromDays(60));
    }

    private static void Name(ClusterOptions options) => (options.ClusterId, options.ServiceId) = ("cluster", "test");

    private async Task StartSilo()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo =>
        {
            database.Use(silo);
            silo.Configure<ClusterOptions>(Name);
            silo.ConfigureEndpoints(IPAddress.Loopback, TestPorts.FindFree(), TestPorts.FindFree());
            silo.UseAdoNetClustering(options =>
                options.Configure<NpgsqlDataSource>(
                    (clustering, source) => (clustering.Invariant, clustering.DataSource) = ("Npgsql", source)
                )
            );
            silo.UseAdoNetReminderService(options =>
                options.Configure<NpgsqlDataSource>((reminders, source) => (reminders.Invariant, reminders.DataSource) = ("Npgsql", source))
            );
            silo.Configure<ClusterMembershipOptions>(options => options.IAmAliveTablePublishTimeout = TimeSpan.FromMilliseconds(200));
        });
        var host = builder.Build();
        silos.Add(host);
        await host.StartAsync(Token);
    }

    private async Task<int> Silos(SiloStatus status) =>
        (await Membership.ReadAllAsync(Token)).Members.Count(member => member.Item1.Status == status);

    private async Task<List<DateTime>> AliveTimes() =>
        [.. (await Membership.ReadAllAsync(Token)).Members.Select(member => member.Item1.IAmAliveTime)];
}
