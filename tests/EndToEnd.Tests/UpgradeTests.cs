using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;
using Npgsql;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Starts the current version on data that version 0.1.0 wrote (see <c>Fixtures/0.1.0/README.md</c>).</summary>
public sealed class UpgradeTests
{
    private const string ClusterSecret = "cHJldmlvdXMgdmVyc2lvbiBwcmV2aW91cyB2ZXJzaW8=";

    private static readonly string Fixtures = Path.Combine(Snapshot.Root, "tests", "EndToEnd.Tests", "Fixtures", "0.1.0");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_folder_of_the_previous_version_keeps_all_its_data()
    {
        var folder = Directory.CreateTempSubdirectory("deploycard-upgrade-").FullName;
        try
        {
            var database = Path.Combine(folder, "deploycard.db");
            await Unpack("sqlite.db.gz", database);
            File.Copy(Path.Combine(Fixtures, "sqlite.secret.key"), Path.Combine(folder, "secret.key"));
            await using var silo = await SiloProcess.Start(Cancellation, "--Storage:Path", database);

            await Check(silo, "sqlite.json");

            await silo.ShutDown();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task PostgreSql_database_of_the_previous_version_keeps_all_its_data()
    {
        var server = await PostgresServer.Shared;
        var connectionString = await server.CreateDatabase();
        await Restore(connectionString);
        await using (
            var silo = await SiloProcess.Start(
                Cancellation,
                "--Storage:Provider",
                "PostgreSql",
                "--Storage:ConnectionString",
                connectionString,
                "--Cluster:SharedMachine",
                "true",
                "--Cluster:SiloPort",
                "0",
                "--Cluster:Secret",
                ClusterSecret
            )
        )
        {
            await Check(silo, "postgresql.json");

            await silo.ShutDown();
        }

        await server.DropDatabase(connectionString);
    }

    private static async Task Check(SiloProcess silo, string secrets)
    {
        var fixture = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Fixtures, secrets), Cancellation))!;
        silo.Output.ShouldNotContain("export TOKEN=");
        silo.Token = (string)fixture["token"]!;
        using var card = new Card(silo);

        await CheckDeployments(card);
        await CheckCard(card);
        await CheckKeys(card, fixture);
        await CheckCalls(card, fixture);
    }

    private static async Task CheckDeployments(Card card)
    {
        var deployments = (await card.Query("{ deployments { nodes { name title status } } }"))["deployments"]!["nodes"]!.AsArray();
        deployments.Select(d => (string)d!["name"]!).ShouldBe(["alerting", "first", "stopped"]);
        ((string)deployments[1]!["title"]!).ShouldBe("Flowers");
        var removed = (await card.Query("""{ deployment(name: "removed") { status purgeAt readme { markdown } } }"""))["deployment"]!;
        ((string)removed["status"]!).ShouldBe("DELETED");
        ((DateTimeOffset)removed["purgeAt"]!).Year.ShouldBe(2100);
        ((string)removed["readme"]!["markdown"]!).ShouldBe("# Removed");
    }

    private static async Task CheckCard(Card card)
    {
        var first = (
            await card.Query(
                """
                { deployment(name: "first") {
                  configuration { pods terminationGracePeriod environment { name value } }
                  revisions { number rollbackOf configuration { maxRequestBytes drainTimeout corsOrigins } }
                  keys { name revokedAt requestsPerSecond } webhookSecrets { id } readme { version markdown }
                  events { kind } podHistory { phase }
                } }
                """
            )
        )["deployment"]!;
        ((string)first["configuration"]!["terminationGracePeriod"]!).ShouldBe("PT45S");
        first["configuration"]!["environment"]!.ToJsonString().ShouldBe("""[{"name":"A","value":"b"}]""");
        first["revisions"]!
            .AsArray()
            .Select(r => ((int)r!["number"]!, (int?)r["rollbackOf"]))
            .ShouldBe([(4, null), (3, 1), (2, null), (1, null)]);
        ((long)first["revisions"]![2]!["configuration"]!["maxRequestBytes"]!).ShouldBe(1_000_000);
        first["keys"]!
            .AsArray()
            .Select(k => ((string)k!["name"]!, k["revokedAt"] is not null))
            .ShouldBe([("revoked", true), ("kept", false)]);
        first["webhookSecrets"]!.AsArray().Count.ShouldBe(1);
        ((string)first["readme"]!["markdown"]!).ShouldBe("# Flowers");
        var kinds = first["events"]!.AsArray().Select(e => (string)e!["kind"]!).ToList();
        foreach (var kind in (string[])["CREATED", "TITLE_CHANGED", "ROLLED_BACK", "KEY_REVOKED", "README_UPDATED", "POD_FAILED"])
            kinds.ShouldContain(kind);
        first["podHistory"]!.AsArray().Select(p => (string)p!["phase"]!).ShouldContain("ENDED");
        var alerting = (await card.Query("""{ deployment(name: "alerting") { events { kind } } }"""))["deployment"]!;
        alerting["events"]!.AsArray().Select(e => (string)e!["kind"]!).ShouldContain("ALERT_FIRING");
    }

    private static async Task CheckKeys(Card card, JsonNode fixture)
    {
        using var allowed = await card.Send(
            HttpMethod.Get,
            "/predict/first/self",
            (string)fixture["key"]!,
            cancellationToken: Cancellation
        );
        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var revoked = await card.Send(
            HttpMethod.Get,
            "/predict/first/self",
            (string)fixture["revokedKey"]!,
            cancellationToken: Cancellation
        );
        (await Card.ReadProblem(revoked, HttpStatusCode.Unauthorized, Cancellation)).ShouldBe("KEY_INVALID");
    }

    private static async Task CheckCalls(Card card, JsonNode fixture)
    {
        var key = (string)fixture["key"]!;
        foreach (var (call, status) in ((string, string)[])[("completed", "COMPLETED"), ("large", "COMPLETED"), ("failed", "ERROR")])
        {
            var view = await card.WaitForCall(status, (string)fixture["calls"]![call]!, key, Cancellation);
            ((DateTimeOffset)view["purgeAt"]!).Year.ShouldBe(2100);
        }

        using var result = await card.Send(
            HttpMethod.Get,
            $"/calls/{fixture["calls"]!["completed"]}/result",
            key,
            cancellationToken: Cancellation
        );
        (await result.Content.ReadAsStringAsync(Cancellation)).ShouldBe("fedcba");
        using var large = await card.Send(
            HttpMethod.Get,
            $"/calls/{fixture["calls"]!["large"]}/result",
            key,
            cancellationToken: Cancellation
        );
        (await large.Content.ReadAsByteArrayAsync(Cancellation)).Length.ShouldBe(100_000);
        var delivered = await card.WaitForCall("COMPLETED", (string)fixture["calls"]!["delivered"]!, key, Cancellation);
        delivered["callback"]!["deliveredAt"].ShouldNotBeNull();

        // This call was running when the previous version stopped: the current version finishes it.
        var running = await card.WaitForCall(
            "COMPLETED",
            (string)fixture["calls"]!["running"]!,
            (string)fixture["stoppedKey"]!,
            Cancellation
        );
        running["attempts"]!.AsArray().Count.ShouldBeGreaterThan(1);

        var retried = await card.Query(
            "mutation($id: ID!) { retryAsyncCall(id: $id) { asyncCall { status purgeAt } errors { message } } }",
            new { id = (string)fixture["calls"]!["failed"]! }
        );
        ((string)retried["retryAsyncCall"]!["asyncCall"]!["status"]!).ShouldBe("QUEUED", retried.ToJsonString());
    }

    private static async Task Unpack(string fixture, string file)
    {
        await using var packed = new GZipStream(File.OpenRead(Path.Combine(Fixtures, fixture)), CompressionMode.Decompress);
        await using var unpacked = File.Create(file);
        await packed.CopyToAsync(unpacked, Cancellation);
    }

    private static async Task Restore(string connectionString)
    {
        using var reader = new StreamReader(
            new GZipStream(File.OpenRead(Path.Combine(Fixtures, "postgresql.sql.gz")), CompressionMode.Decompress)
        );
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync(Cancellation);
#pragma warning disable CA2100 // The statements are those of the fixture.
        await using var command = new NpgsqlCommand(await reader.ReadToEndAsync(Cancellation), connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
