using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using DeployCard.EndToEnd.Tests.Samples;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;
using Npgsql;

namespace DeployCard.EndToEnd.Tests.Kubernetes;

/// <summary>Silos that run with the environment of their manifests.</summary>
public sealed class OverlayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Small_overlay_serves_the_first_prediction_of_the_guide_and_shuts_down()
    {
        await using var database = await PostgresServer.Run();
        await using var server = await ApiServerDouble.Start();
        await using var model = await SamplePod.Start("iris", "iris", Cancellation);
        using var overlay = new Overlay(Manifests.Small, server);
        await overlay.RunInitContainer("secret", Cancellation);
        await using var silo = await overlay.Start(
            "deploycard-5d9c7b8f6-x2k4q",
            Cancellation,
            ("Storage__ConnectionString", database.ViaUnixSocket(await database.CreateDatabase())),
            ("Kubernetes__Images__0__Port", $"{model.Port}")
        );

        var tour = Shell(TourOf(silo));
        var pod = await Eventually.Get(
            () =>
                Task.FromResult(
                    server.Pods.All.SingleOrDefault(pod => (string?)pod["metadata"]!["labels"]?["deploycard.io/deployment"] == "iris")
                ),
            seen => seen is not null,
            Cancellation
        );
        var container = pod!["spec"]!["containers"]![0]!;
        ((string?)container["image"], (string?)container["readinessProbe"]!["httpGet"]!["path"]).ShouldBe(
            ("deploycard/iris:0.1.0", "/healthz")
        );
        server.Node.RunReady((string)pod["metadata"]!["name"]!, "127.0.0.1");

        (await tour).ShouldEndWith("""{"predictions":[1]}""");
        ShouldBeAllowed(server, Manifests.Small);
        await silo.Signal("TERM", Cancellation);
        (await silo.WaitForExit(Cancellation)).ShouldBe(0);
    }

    [Fact]
    public async Task Secret_of_the_small_overlay_is_created_once()
    {
        await using var server = await ApiServerDouble.Start();
        using var overlay = new Overlay(Manifests.Small, server);

        await overlay.RunInitContainer("secret", Cancellation);
        var secret = await File.ReadAllTextAsync($"{overlay.Root}/run/deploycard/cluster.secret", Cancellation);
        await overlay.RunInitContainer("secret", Cancellation);

        Convert.FromBase64String(secret).Length.ShouldBe(32);
        (await File.ReadAllTextAsync($"{overlay.Root}/run/deploycard/cluster.secret", Cancellation)).ShouldBe(secret);
    }

    /// <summary>Missed probes would take minutes here, so only the deletion of the pod explains the quick detection.</summary>
    [Fact]
    public async Task Silo_is_declared_dead_as_soon_as_its_pod_is_deleted()
    {
        await using var database = await PostgresServer.Run();
        await using var server = await ApiServerDouble.Start();
        using var overlay = new Overlay(Manifests.Production, server);
        var connection = await CreateSecrets(overlay, database);
        await using var first = await overlay.Start(
            "deploycard-aaaaa",
            Cancellation,
            ("Cluster__ProbeTimeout", "00:01:00"),
            ("Cluster__ShutdownDelay", "00:00:00")
        );
        await using var second = await overlay.Start(
            "deploycard-bbbbb",
            Cancellation,
            ("Cluster__ProbeTimeout", "00:01:00"),
            ("Cluster__ShutdownDelay", "00:00:00")
        );
        (await Members(connection)).ShouldBe("deploycard-aaaaa Active, deploycard-bbbbb Active");

        await first.Kill(Cancellation);
        server.Pods.Remove("deploycard-aaaaa");

        await Eventually.Get(
            () => Members(connection),
            members => members == "deploycard-aaaaa Dead, deploycard-bbbbb Active",
            Cancellation,
            TimeSpan.FromSeconds(30)
        );
        ShouldBeAllowed(server, Manifests.Production);
        server.Calls.ShouldNotContain(
            call => call.Verb == "delete" || call.Verb == "patch",
            "silos need no right to change the pods of other silos"
        );
        await second.Signal("TERM", Cancellation);
        (await second.WaitForExit(Cancellation)).ShouldBe(0);
    }

    [Fact]
    public async Task Starting_silo_waits_for_an_unavailable_API_server()
    {
        await using var database = await PostgresServer.Run();
        await using var server = await ApiServerDouble.Start();
        using var overlay = new Overlay(Manifests.Production, server);
        var connection = await CreateSecrets(overlay, database);
        // The first silo creates the tables.
        await using (var first = await overlay.Start("deploycard-aaaaa", Cancellation, ("Cluster__ShutdownDelay", "00:00:00")))
            await first.Interrupt(Cancellation);
        server.BeginOutage();

        var starting = overlay.Start("deploycard-bbbbb", Cancellation);
        await Eventually.Get(() => Members(connection), members => members.Contains("deploycard-bbbbb Joining"), Cancellation);
        server.EndOutage();

        await using var silo = await starting;
        (await Members(connection)).ShouldContain("deploycard-bbbbb Active");
    }

    [Fact]
    public async Task Silo_without_a_role_reports_it_and_exits()
    {
        await using var database = await PostgresServer.Run();
        await using var server = await ApiServerDouble.Start();
        using var overlay = new Overlay(Manifests.Production, server);
        await CreateSecrets(overlay, database);
        server.IsForbidden = _ => true;

        var refused = await Should.ThrowAsync<InvalidOperationException>(() => overlay.Start("deploycard-aaaaa", Cancellation));

        refused.Message.ShouldContain(
            "deploycard: Kubernetes denied this silo access to its own pod deploycard-aaaaa in namespace deploycard (403): "
                + "bind the role in k8s/base/silo/access.yaml to its service account"
        );
        server.Calls.ShouldHaveSingleItem().Verb.ShouldBe("get");
    }

    [Fact]
    public async Task Administrator_token_is_replaced_by_the_command_of_the_guide()
    {
        await using var database = await PostgresServer.Run();
        await using var server = await ApiServerDouble.Start();
        using var overlay = new Overlay(Manifests.Production, server);
        await CreateSecrets(overlay, database);
        await using var silo = await overlay.Start("deploycard-aaaaa", Cancellation);
        using var card = new Card(silo);
        var old = silo.Token;

        var command = (await File.ReadAllLinesAsync(Path.Combine(Manifests.Folder, "..", "docs", "kubernetes.md"), Cancellation)).Single(
            line => line.Contains("--new-admin-token")
        );
        // The address in the guide may be in use on this machine.
        string[] arguments =
        [
            .. command.Trim().Split(' ').Skip(2).Where(word => word != "--urls" && !word.StartsWith("http://", StringComparison.Ordinal)),
        ];
        await using (var further = await overlay.Start("deploycard-aaaaa", arguments, Cancellation))
        {
            silo.Token = further.Token;
            (await further.Interrupt(Cancellation)).ShouldBe(0);
        }

        silo.Token.ShouldNotBe(old);
        await Eventually.Get(
            async () => (await card.Execute("{ __typename }", null, silo.Token, Cancellation)).Status,
            status => status is HttpStatusCode.OK,
            Cancellation
        );
        (await card.Execute("{ __typename }", null, old, Cancellation)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    /// <summary>Returns the commands of the guide from the deployment to the prediction, adapted to this silo.</summary>
    private static string TourOf(SiloProcess silo)
    {
        var blocks = File.ReadAllText(Path.Combine(Manifests.Folder, "..", "docs", "kubernetes.md"))
            .Split("```sh\n")
            .Skip(1)
            .Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)]);
        var lines = blocks
            .Single(block => block.Contains("graphql()"))
            .Split('\n')
            .Where(line => !line.StartsWith("kubectl", StringComparison.Ordinal));
        return string.Join('\n', lines)
            .Replace("export TOKEN=dca_…", $"export TOKEN={silo.Token}")
            .Replace("http://localhost:8080", silo.Origin);
    }

    private static async Task<string> Shell(string script)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("sh", ["-euc", script])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (output, errors) = (shell.StandardOutput.ReadToEndAsync(Cancellation), shell.StandardError.ReadToEndAsync(Cancellation));
        await shell.WaitForExitAsync(Cancellation);
        shell.ExitCode.ShouldBe(0, await errors);
        return (await output).Trim();
    }

    /// <summary>Creates the secrets of an administrator. Returns the connection string of the database.</summary>
    private static async Task<string> CreateSecrets(Overlay overlay, PostgresServer database)
    {
        var connection = await database.CreateDatabase();
        await overlay.Write("/run/secrets/deploycard/connection-string", connection, Cancellation);
        await overlay.Write(
            "/run/secrets/deploycard/cluster-secret",
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            Cancellation
        );
        return connection;
    }

    private static void ShouldBeAllowed(ApiServerDouble server, Manifests manifests)
    {
        server.Calls.ShouldNotBeEmpty();
        server.Calls.ShouldAllBe(call =>
            manifests
                .All<V1Role>()
                .Single()
                .Rules.Any(rule =>
                    rule.ApiGroups.Contains(call.Group) && rule.Resources.Contains(call.Target) && rule.Verbs.Contains(call.Verb)
                )
        );
    }

    private static async Task<string> Members(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("SELECT SiloName, Status FROM OrleansMembershipTable ORDER BY SiloName", connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var members = new List<string>();
        while (await reader.ReadAsync(Cancellation))
            members.Add(
                $"{reader.GetString(0)} {reader.GetInt32(1) switch { 2 => "Joining", 3 => "Active", 6 => "Dead", var other => $"{other}" }}"
            );
        return string.Join(", ", members);
    }
}
