using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.EndToEnd.Tests;

/// <summary>
/// A complete silo with pods on Kubernetes. The API server and the node are test doubles; the pods are real processes that the gateway
/// reaches.
/// </summary>
public sealed class KubernetesTests : IAsyncLifetime
{
    private const string Image = "registry.example.org/models/echo:1";

    private ApiServerDouble server = null!;
    private KubeletDouble node = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IReadOnlyList<JsonObject> Pods => server.Pods.All;

    public async ValueTask InitializeAsync()
    {
        server = await ApiServerDouble.Start();
        node = KubeletDouble.Start(
            server,
            new Dictionary<string, IReadOnlyList<string>> { [Image] = ["dotnet", Path.Combine(BuildOutput.Echo, "Echo.dll")] }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Deployment_starts_on_a_request_serves_logs_updates_without_a_gap_and_leaves_no_pods()
    {
        await using var silo = await Start();
        using var card = new Card(silo);
        var key = await card.Deploy("iris-k8s", Image, new { pods = "0-2" });
        Pods.ShouldBeEmpty();

        (await Echo(card, key)).ShouldStartWith("iris-k8s-1-");
        var ready = await card.WaitForDeployment("READY", "iris-k8s", Cancellation);
        ((string?)ready["pods"]![0]!["name"]).ShouldBe((string?)Pods.ShouldHaveSingleItem()["metadata"]!["name"]);

        using (
            var printed = await card.Send(
                HttpMethod.Post,
                "/predict/iris-k8s/print",
                key,
                new StringContent("loaded the model", Encoding.UTF8),
                Cancellation
            )
        )
            printed.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.Get(() => Logs(card), lines => lines.Count(line => line == "loaded the model") == 1, Cancellation);

        await Update(card);
        await Eventually.Get(() => Echo(card, key), pod => pod.StartsWith("iris-k8s-2-", StringComparison.Ordinal), Cancellation);
        await Eventually.Get(
            () => Task.FromResult(Pods),
            pods => pods.Count > 0 && pods.All(pod => (string?)pod["metadata"]!["labels"]!["deploycard.io/revision"] == "2"),
            Cancellation
        );

        await card.Query("mutation { deleteDeployment(name: \"iris-k8s\") { errors { message } } }", cancellationToken: Cancellation);
        await Eventually.Get(() => Task.FromResult(Pods), pods => pods.Count == 0, Cancellation);
    }

    [Fact]
    public async Task Pods_survive_a_kill_of_the_silo_and_serve_after_its_restart()
    {
        await using var silo = await Start();
        using var card = new Card(silo);
        var key = await card.Deploy("iris-k8s", Image, new { pods = "1-1" });
        var pod = await Echo(card, key);

        await silo.Kill(Cancellation);
        await silo.Run(Cancellation);
        (await Echo(card, key)).ShouldBe(pod);
        Pods.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task During_an_API_server_outage_requests_are_served_and_an_update_follows_after_it()
    {
        await using var silo = await Start();
        using var card = new Card(silo);
        var key = await card.Deploy("iris-k8s", Image, new { pods = "1-1" });
        var pod = await Echo(card, key);

        server.BeginOutage();
        await Eventually.Get(
            () => Task.FromResult(silo.Output),
            output => output.Contains("does not respond as expected", StringComparison.Ordinal),
            Cancellation
        );
        await Update(card);
        (await Echo(card, key)).ShouldBe(pod);

        server.EndOutage();
        await Eventually.Get(() => Echo(card, key), now => now.StartsWith("iris-k8s-2-", StringComparison.Ordinal), Cancellation);
        await Eventually.Get(() => Task.FromResult(Pods), pods => pods.Count == 1, Cancellation);
    }

    [Fact]
    public async Task Exhausted_quota_fails_the_deployment_is_logged_once_and_recovers()
    {
        server.Pods.Rejection = (403, "pods \"x\" is forbidden: exceeded quota: models, requested: pods=1, used: pods=5, limited: pods=5");
        await using var silo = await Start();
        using var card = new Card(silo);
        await card.Deploy("iris-k8s", Image, new { pods = "1-1" });

        var failed = await card.WaitForDeployment("FAILED", "iris-k8s", Cancellation);
        ((string?)failed["failure"]!["reason"], (string?)failed["pods"]![0]!["reason"]).ShouldBe(("QuotaExceeded", "QuotaExceeded"));
        server.Pods.Rejection = null;
        await card.WaitForDeployment("READY", "iris-k8s", Cancellation);
        silo.Output.Split("exceeded quota: models").Length.ShouldBe(2);
    }

    [Fact]
    public async Task Failing_serving_script_is_reported_with_its_last_lines_and_each_run_is_in_the_log()
    {
        await using var silo = await Start();
        using var card = new Card(silo);
        await card.Deploy(
            "iris-k8s",
            Image,
            new { pods = "1-1", environment = new[] { new { name = "FAIL_AT_START", value = "no model there" } } }
        );

        var failed = await Eventually.Get(
            () => card.WaitForDeployment("FAILED", "iris-k8s", Cancellation),
            deployment => (string?)deployment["failure"]!["reason"] == "CrashLoopBackOff",
            Cancellation
        );
        ((int)failed["failure"]!["exitCode"]!, (string?)failed["failure"]!["lastLines"]![0]).ShouldBe((7, "no model there"));
        await Eventually.Get(() => Logs(card), lines => lines.Count(line => line == "no model there") >= 3, Cancellation);
    }

    [Fact]
    public async Task Unschedulable_pod_is_reported_while_its_deployment_is_starting()
    {
        await using var silo = await Start("--Kubernetes:NodeSelector:pool", "none");
        using var card = new Card(silo);
        await card.Deploy("iris-k8s", Image, new { pods = "1-1" });

        var starting = await Eventually.Get(
            () => card.WaitForDeployment("STARTING", "iris-k8s", Cancellation),
            deployment => (string?)deployment["pods"]![0]!["reason"] == "Unschedulable",
            Cancellation
        );
        starting["failure"].ShouldBeNull();
    }

    private Task<SiloProcess> Start(params string[] more) =>
        SiloProcess.Start(
            Cancellation,
            [
                "--Pods:Runtime",
                "Kubernetes",
                "--Kubernetes:KubeConfig",
                server.KubeConfig,
                "--Kubernetes:Port",
                $"{TestPorts.FindFree()}",
                "--Kubernetes:ReadinessPath",
                "/healthz",
                "--Kubernetes:MaxBackoff",
                "00:00:01",
                .. more,
            ]
        );

    /// <summary>Sends a request, and returns the name of the pod that responds.</summary>
    private static async Task<string> Echo(Card card, string key)
    {
        using var response = await card.Send(HttpMethod.Get, "/predict/iris-k8s/any", key, cancellationToken: Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return (string)JsonNode.Parse(text)!["pod"]!;
    }

    private static async Task Update(Card card)
    {
        var updated = await card.Query(
            "mutation($i: UpdateDeploymentInput!) { updateDeployment(input: $i) { errors { message } } }",
            new { i = new { name = "iris-k8s", configuration = new { environment = new[] { new { name = "COLOR", value = "blue" } } } } },
            Cancellation
        );
        updated["updateDeployment"]!["errors"]!.AsArray().ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<string>> Logs(Card card) =>
        [
            .. (await card.Query("{ deployment(name: \"iris-k8s\") { logs { text } } }", cancellationToken: Cancellation))["deployment"]![
                "logs"
            ]!
                .AsArray()
                .Select(line => (string)line!["text"]!),
        ];
}
