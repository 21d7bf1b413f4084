using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Start, graceful shutdown, kill and restart of a silo.</summary>
public sealed class SiloLifecycleTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_first_start_prints_a_token_and_a_command_that_works()
    {
        await using var silo = await SiloProcess.Start(Cancellation);
        var command = silo.Output[silo.Output.IndexOf("export TOKEN=", StringComparison.Ordinal)..];
        command = command[..(command.IndexOf("\"}'", StringComparison.Ordinal) + 3)];
        using var shell = Process.Start(
            new ProcessStartInfo("sh", ["-c", command]) { UseShellExecute = false, RedirectStandardOutput = true }
        )!;
        (await shell.StandardOutput.ReadToEndAsync(Cancellation)).ShouldContain("\"name\":\"iris\",\"status\":\"IDLE\"");

        (await silo.Interrupt(Cancellation)).ShouldBe(0);
        await silo.Run(Cancellation);
        silo.Output.ShouldNotContain("TOKEN");
        using var card = new Card(silo);
        (await card.Query("{ deployments { nodes { name } } }", cancellationToken: Cancellation)).ToJsonString().ShouldContain("iris");
    }

    [Fact]
    public async Task New_administrator_token_replaces_the_old_one()
    {
        await using var silo = await SiloProcess.Start(Cancellation);
        var old = silo.Token;
        await silo.Interrupt(Cancellation);
        await silo.Run(Cancellation, "--new-admin-token");
        using var card = new Card(silo);

        silo.Token.ShouldNotBe(old);
        (await card.Execute("{ __typename }", null, old, Cancellation)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await card.Execute("{ __typename }", null, silo.Token, Cancellation)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Data_folder_and_log_contain_no_key_or_token()
    {
        await using var silo = await SiloProcess.Start(Cancellation);
        string key;
        using (var card = new Card(silo))
        {
            key = await card.Deploy("secretive", "echo");
            using var response = await card.Send(HttpMethod.Get, "/predict/secretive/x", key, cancellationToken: Cancellation);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            await card.Call("/predict/secretive/x", key, new StringContent("body"), Cancellation);
        }

        await silo.Interrupt(Cancellation);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(silo.Folder, "data")))
        {
            var text = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancellation));
            text.ShouldNotContain(key[4..30]);
            text.ShouldNotContain(silo.Token[4..30]);
        }

        silo.Output.ShouldNotContain(key[4..30]);
    }

    [Fact]
    public async Task After_a_kill_every_accepted_call_completes_and_the_deployment_gets_pods_again()
    {
        await using var silo = await SiloProcess.Start(Cancellation);
        using var card = new Card(silo);
        var key = await card.Deploy("survivor", "echo", new { pods = "0-2", concurrency = 4 });
        var accepted = new ConcurrentQueue<string>();
        using var enough = new SemaphoreSlim(0);
        var clients = Enumerable.Range(0, 8).Select(_ => Accept(card, key, accepted, enough)).ToList();
        for (var i = 0; i < 300; i++)
            await enough.WaitAsync(Cancellation);
        var pods = silo.PodProcesses();
        pods.ShouldNotBeEmpty();

        await silo.Kill(Cancellation);
        // Checked before waiting for the clients: they end when they cannot connect, which may take longer.
        await Eventually.Get(
            () => Task.FromResult(silo.PodProcesses()),
            left => left.Count == 0,
            Cancellation,
            timeout: TimeSpan.FromSeconds(5)
        );
        await Task.WhenAll(clients);
        await silo.Run(Cancellation);

        // This needs no request: the deployment had pods, so it gets them again.
        await card.WaitForDeployment("READY", "survivor", Cancellation);
        accepted.Count.ShouldBeGreaterThanOrEqualTo(300);
        foreach (var id in accepted)
            await card.WaitForCall("COMPLETED", id, key, Cancellation);
        (await silo.Interrupt(Cancellation)).ShouldBe(0);
        silo.PodProcesses().ShouldBeEmpty();
    }

    [Fact]
    public async Task Logs_keys_readme_and_stopped_state_survive_a_kill()
    {
        await using var silo = await SiloProcess.Start(Cancellation);
        using var card = new Card(silo);
        var key = await card.Deploy("kept", "echo", new { pods = "1-1" });
        await card.WaitForDeployment("READY", "kept", Cancellation);
        using (await card.Send(HttpMethod.Post, "/predict/kept/print", key, new StringContent("before the end"), Cancellation))
            await Eventually.Get(() => LogText(card), text => text.Contains("before the end"), Cancellation);
        await card.Deploy("halted", "echo", new { pods = "1-1" });
        await card.Query("mutation { stopDeployment(name: \"halted\") { errors { message } } }", cancellationToken: Cancellation);
        await card.Query(
            "mutation { saveReadme(input: {deployment: \"kept\", markdown: \"# Kept\", expectedVersion: 1}) { errors { message } } }",
            cancellationToken: Cancellation
        );
        // Lines are stored within a second of their arrival. A kill loses lines that are not stored yet.
        await Eventually.Get(() => ReadDatabaseFiles(silo), text => text.Contains("before the end"), Cancellation);

        await silo.Kill(Cancellation);
        await silo.Run(Cancellation);

        (await LogText(card)).ShouldContain("before the end");
        await card.WaitForDeployment("READY", "kept", Cancellation);
        (await card.WaitForDeployment("STOPPED", "halted", Cancellation))["pods"]!.AsArray().ShouldBeEmpty();
        using var response = await card.Send(HttpMethod.Get, "/predict/kept/x", key, cancellationToken: Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var readme = await card.Query("{ deployment(name: \"kept\") { readme { markdown version } } }", cancellationToken: Cancellation);
        ((string)readme["deployment"]!["readme"]!["markdown"]!).ShouldBe("# Kept");
    }

    [Fact]
    public async Task Ctrl_C_lets_a_request_finish_and_stops_all_pods()
    {
        await using var silo = await SiloProcess.Start(Cancellation);
        using var card = new Card(silo);
        var key = await card.Deploy("draining", "echo");
        using (var warm = await card.Send(HttpMethod.Get, "/predict/draining/x", key, cancellationToken: Cancellation))
            warm.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var socket = await GraphQLSocket.Connect(silo, Cancellation);
        await socket.Subscribe("s", "subscription { deploymentChanged(name: \"draining\") { status } }", Cancellation);
        await socket.Subscribe("l", "subscription { logLines(deployment: \"draining\") { droppedLines } }", Cancellation);
        await socket.WaitFor("s", _ => true, Cancellation);
        var slow = card.Send(HttpMethod.Get, "/predict/draining/slow?ms=1500", key, cancellationToken: Cancellation);
        await Eventually.Get(
            async () =>
            {
                using var other = await card.Send(HttpMethod.Get, "/predict/draining/x", key, cancellationToken: Cancellation);
                return other.IsSuccessStatusCode;
            },
            ok => ok,
            Cancellation
        );

        await silo.Signal("INT", Cancellation);

        (await socket.WaitForClose(Cancellation)).ShouldBe(1001);
        using (var response = await slow)
            (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("slept");
        (await silo.WaitForExit(Cancellation)).ShouldBe(0);
        silo.PodProcesses().ShouldBeEmpty();
    }

    [Fact]
    public async Task Failed_start_is_reported_on_one_line_with_exit_code_1()
    {
        var silo = shared.Card.Silo;
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var file = Path.Combine(silo.Folder, "file");
        await File.WriteAllTextAsync(file, "not a folder", Cancellation);
        var broken = Directory.CreateDirectory(Path.Combine(silo.Folder, "broken")).FullName;
        await File.WriteAllTextAsync(Path.Combine(broken, "deploycard.db"), new string('x', 10_000), Cancellation);

        await ShouldFailToStart(
            silo,
            $"port {port} is used",
            "--urls",
            $"http://localhost:{port}",
            "--Storage:Path",
            Path.Combine(silo.Folder, "other", "x.db")
        );
        await ShouldFailToStart(silo, "in use by another silo", "--urls", $"http://localhost:{port}");
        await ShouldFailToStart(silo, "Storage:Path must be the path of a file", "--Storage:Path", "");
        await ShouldFailToStart(silo, "cannot be created", "--Storage:Path", Path.Combine(file, "data", "x.db"));
        await ShouldFailToStart(
            silo,
            "deploycard.db",
            "--urls",
            "http://localhost:0",
            "--Storage:Path",
            Path.Combine(broken, "deploycard.db")
        );
        await ShouldFailToStart(
            silo,
            "MaxPodsPerDeployment",
            "--urls",
            "http://localhost:0",
            "--Storage:Path",
            Path.Combine(silo.Folder, "third", "x.db"),
            "--Deployments:MaxPodsPerDeployment",
            "0"
        );
    }

    private static async Task ShouldFailToStart(SiloProcess silo, string reason, params string[] arguments)
    {
        var (exitCode, errors) = await silo.RunToExit(Cancellation, ["--Gateway:Http2Url", "", .. arguments]);
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(1, errors);
        lines[0].ShouldStartWith("deploycard: ");
        lines[0].ShouldContain(reason);
        exitCode.ShouldBe(1);
    }

    /// <summary>Returns the contents of the files of the database, including the write-ahead log.</summary>
    private static async Task<string> ReadDatabaseFiles(SiloProcess silo)
    {
        var text = new System.Text.StringBuilder();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(silo.Folder, "data"), "deploycard.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            text.Append(await reader.ReadToEndAsync(Cancellation));
        }

        return text.ToString();
    }

    private static async Task<string> LogText(Card card) =>
        (string)
            (await card.Query("{ deployment(name: \"kept\") { logText } }", cancellationToken: Cancellation))["deployment"]!["logText"]!;

    private static async Task Accept(Card card, string key, ConcurrentQueue<string> accepted, SemaphoreSlim enough)
    {
        try
        {
            while (true)
            {
                accepted.Enqueue(await card.Call("/predict/survivor/x", key, new StringContent("body"), Cancellation));
                enough.Release();
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The silo was killed. Calls without a response were not accepted.
        }
    }
}
